import re
from pathlib import Path

import pytest

from backlit.errors import SettingError
from backlit.language import Text, glossary, language, listed, say, set_language, text, verbatim
from tools.messages import all_calls, calls_in, chinese, placeholders, problems

LOCALE_VARIABLES = ("BACKLIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def no_locale(monkeypatch):
    for variable in LOCALE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def test_every_sentence_is_there_in_both_languages():
    assert problems(all_calls(), chinese()) == []


def test_the_source_has_sentences_to_compare():
    assert "Choosing the language" in {call.template for call in all_calls()}


@pytest.mark.parametrize(
    ("code", "translated", "complaint"),
    [
        ("text('Five rows')", {}, "no Chinese for 'Five rows'"),
        ("text('Five rows')", {"Five rows": ""}, "no Chinese for 'Five rows'"),
        ("text('{n} rows', n=5)", {"{n} rows": "{m} 行"}, "other placeholders in the Chinese of '{n} rows'"),
        ("text('{n} rows', m=5)", {"{n} rows": "{n} 行"}, "placeholders ['n'], values ['m']"),
        ("text(sentence)", {}, "must be one literal"),
        ("text(f'{n} rows')", {}, "must be one literal"),
        ("pass", {"Gone": "没了"}, "no text(…) says 'Gone' any more"),
    ],
)
def test_a_difference_between_the_languages_is_found(code, translated, complaint):
    [line] = problems(list(calls_in(code, Path("here.py"))), translated)
    assert complaint in line


@pytest.mark.parametrize("code", ["text('{value}', value=5)", "text('{n} rows', **values)"])
def test_what_needs_no_comparison_passes(code):
    assert problems(list(calls_in(code, Path("here.py"))), {"{n} rows": "{n} 行"})[1:] == []
    assert problems(list(calls_in("text('({a:.2f}, {b[0]})', a=1, b=[2])", Path("here.py"))), {}) == []


def test_placeholders_are_named_without_format_and_index():
    assert placeholders("{loss:.2f} of {shape[0]}, {{kept}}") == {"loss", "shape"}


def test_values_are_shown_in_the_language_of_the_sentence():
    inner = text("one of {names}", names=listed(["a", "b"]))
    outer = text("{what}: expected {expected}. {fix}", what=verbatim("x"), expected=inner, fix=verbatim("!"))
    assert outer.say("en") == "x: expected one of a, b. !"
    assert outer.say("zh") == "x：应为 a、b 之一。!"


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("共{n}行", 5, "共 5 行"),
        ("共 {n} 行", 5, "共 5 行"),
        ("打开{n}时", "`数据1.csv`", "打开 `数据1.csv` 时"),
        ("打开{n}时", "数据1.csv", "打开数据1.csv 时"),
        ("应为{n}。", "训练集", "应为训练集。"),
        ("占{n:.0%}，", 0.5, "占 50%，"),
        ("第{n[0]:>{n[1]}}行", (7, 3), "第  7 行"),
        ("{{保留}}{n}", 1, "{保留}1"),
    ],
)
def test_chinese_keeps_a_space_from_letters_and_digits_at_the_border_of_a_value(template, value, expected, monkeypatch):
    monkeypatch.setattr("backlit.language._chinese", lambda: {"some words {n}": template})
    assert expected == Text("some words {n}", {"n": value}).say("zh")


def test_numbers_reach_their_format():
    assert str(text("{loss:.2f}", loss=0.1234)) == "0.12"


def test_verbatim_words_may_hold_braces():
    assert str(verbatim("{x}")) == verbatim("{x}").say("zh") == "{x}"


def test_a_sentence_is_equal_by_its_words_and_can_be_a_key():
    assert text("{n}", n=1) == text("{n}", n=1) != text("{n}", n=2)
    assert len({text("{n}", n=1), text("{n}", n=1), text("{n}", n=2)}) == 2


def test_set_language_comes_before_the_variable(no_locale):
    no_locale.setenv("BACKLIT_LANG", "en")
    set_language("zh")
    assert language() == "zh"
    assert say(text("Choosing the language")) == "选择语言"
    set_language(None)
    assert language() == "en"
    assert say(text("Choosing the language")) == "Choosing the language"


def test_the_variable_comes_before_the_locale(no_locale):
    no_locale.setenv("LANG", "zh_CN.UTF-8")
    assert language() == "zh"
    no_locale.setenv("BACKLIT_LANG", "en")
    assert language() == "en"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"BACKLIT_LANG": "ZH"}, "zh"),
        ({"BACKLIT_LANG": "fr", "LANG": "zh_CN"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_locale_is_read_as_posix_orders_it(no_locale, variables, expected):
    no_locale.setattr("locale.getlocale", lambda: (None, None))
    for name, value in variables.items():
        no_locale.setenv(name, value)
    assert expected == language()


def test_an_unknown_language_is_refused():
    with pytest.raises(SettingError, match=r"expected one of `en`, `zh`, received `zhh`. Did you mean `zh`\?"):
        set_language("zhh")


def test_each_pair_of_the_glossary_stands_once():
    pairs = glossary()
    assert len(pairs) > 80
    assert len(set(pairs.values())) == len(pairs), "two English terms share a Chinese one"
    by_section = re.findall(r'^"?([^"\[=#\n]+?)"? = ', Path("src/backlit/terms.toml").read_text("utf-8"), re.MULTILINE)
    assert sorted(by_section) == sorted(pairs), "a term stands in two sections"


def test_the_glossary_has_over_and_underfitting_the_right_way_round():
    terms = glossary()
    assert (terms["overfitting"], terms["underfitting"]) == ("过拟合", "欠拟合")
    assert (terms["gradient"], terms["member"]) == ("梯度", "成员")
