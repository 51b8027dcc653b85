"""What was ordered: the list, one order, paying and canceling it, the agreed texts, exports."""
