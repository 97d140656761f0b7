"""Cards as plain text, in both languages."""

from backlit.language import Words
from backlit.views.cards import Card, Cards

SAME = Words(en="Gradients vanish", zh="梯度消失")


def test_cards_are_said_with_sign_tag_lines_and_numbers():
    ratio = Words(en="ratio", zh="比值")
    card = Card(SAME, (Words(en="In layer 1.", zh="在第一层。"),), ((ratio, "1e-7"),), tone="bad", tag="G301")
    cards = Cards("findings", Words(en="Findings", zh="诊断"), (card, Card(SAME)), Words(en="Two.", zh="两条。"))
    assert cards.say("en") == (
        "Findings\nTwo.\n✗ G301 Gradients vanish\n    In layer 1.\n    ratio: 1e-7\n· Gradients vanish"
    )
    assert cards.say("zh") == "诊断\n两条。\n✗ G301 梯度消失\n    在第一层。\n    比值：1e-7\n· 梯度消失"
