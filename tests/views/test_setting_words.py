"""Names of settings in both languages."""

from backlit.language import Words
from backlit.views.setting_words import setting_words


def test_the_glossary_knows_most_settings():
    assert Words(en="batch size", zh="批量大小") == setting_words(["batch_size"])
    assert Words(en="strength of l2", zh="L2 正则化强度") == setting_words(["l2"])


def test_what_nobody_knows_stays_as_it_is_written():
    assert Words(en="my_own", zh="my_own") == setting_words(["my_own"])


def test_settings_that_vary_together_stand_side_by_side():
    assert Words(en="learning rate / momentum", zh="学习率 / 动量") == setting_words(["learning_rate", "momentum"])
