"""A refusal as people and as programs read it."""

from opengallery.kit.problems import InvalidInput, MoveRefused, NotFound, Problem


def test_a_problem_document():
    assert NotFound().document() == {
        "type": "/problems/not-found", "title": "There is nothing here that you can see.", "status": 404,
    }  # fmt: skip


def test_invalid_input_points_at_its_fields():
    refusal = InvalidInput({"lines.0.quantity": ["Too many.", "Really."], "reason": ["Say why."]})
    document = refusal.document()
    assert (document["type"], document["status"]) == ("/problems/invalid-input", 422)
    assert document["errors"] == [
        {"pointer": "/lines/0/quantity", "detail": "Too many."},
        {"pointer": "/lines/0/quantity", "detail": "Really."},
        {"pointer": "/reason", "detail": "Say why."},
    ]
    assert refusal.message == "Something in what you sent needs correcting. Too many. Really. Say why."


def test_a_page_says_title_and_detail():
    assert MoveRefused("It stands at “Completed”.").message == "That step is not open now. It stands at “Completed”."
    assert Problem().message == "That is not possible."
