"""Which role holds which right: one table, exhaustive, from which pages and endpoints name what they need."""

RIGHTS = {
    "orders:view": "See orders, flows, resources",
    "orders:buy": "Place and cancel orders, renew",
    "orders:pay": "Pay orders",
    "orders:approve": "Approve or decline colleagues' orders above the organisation's limit",
    "orders:accept": "Accept or reject deliveries, retract an acceptance, remind",
    "sales:view": "See the organisation's sales, flows and files",
    "sales:deliver": "Deliver services, answer customer tickets and ratings",
    "sales:support": "State the service hours and how customers reach support",
    "money:view": "See transactions and bills",
    "purchasing:manage": "Set purchasing rules, stand-ins, cost centres and budgets",
    "keys:manage": "Issue and revoke API keys",
    "operations:view": "See every organisation's orders, flows and bills",
    "operations:balance": "Credit prepaid balances, record repayments",
    "operations:policy": "Change settings and holidays",
    "operations:clock": "Move the sandbox clock",
    "operations:certify": "Certify sellers' business information",
    "operations:decide": "Decide appeals and unsubscriptions, review deliveries, note sign-offs, override a flow",
    "operations:carriers": "Keep the list of carriers",
    "operations:support": "Handle escalated tickets, publish ratings",
}

_BUYING = frozenset({"orders:view", "orders:buy", "orders:pay", "orders:approve", "orders:accept"})
_SELLING = frozenset({"sales:view", "sales:deliver", "sales:support", "money:view"})

# role: (label, rights)
ROLES: dict[str, tuple[str, frozenset[str]]] = {
    "owner": ("Owner", _BUYING | _SELLING | {"purchasing:manage", "keys:manage"}),
    "purchaser": ("Purchaser", frozenset({"orders:view", "orders:buy", "orders:pay"})),
    "acceptor": ("Acceptor", frozenset({"orders:view", "orders:accept"})),
    "delivery": ("Delivery", frozenset({"sales:view", "sales:deliver"})),
    "finance": ("Finance", frozenset({"orders:view", "orders:pay", "orders:approve", "sales:view", "money:view"})),
    "viewer": ("Viewer", frozenset({"orders:view", "sales:view", "money:view"})),
    "operations": ("Operations manager", frozenset(r for r in RIGHTS if r.startswith("operations:")) | {"keys:manage"}),
    "auditor": ("Auditor", frozenset({"operations:view"})),
}
# A stand-in could prolong the own time with it.
NOT_LENT = frozenset({"purchasing:manage"})
OPERATOR_ROLES = frozenset({"operations", "auditor"})


def rights_of(role: str) -> frozenset[str]:
    """The rights of a role; none for an unknown one."""
    return ROLES[role][1] if role in ROLES else frozenset()
