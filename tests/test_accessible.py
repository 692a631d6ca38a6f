"""The repairs of finished pages: each fault is mended once, and nothing else is touched."""

import pytest
from accessible import accessible

PAGE = "<!DOCTYPE html><html><head><title>门</title></head><body>{}</body></html>"


def mended(body: str) -> str:
    before, after = PAGE.split("{}")
    made = accessible(before + body + after)
    assert accessible(made) == made  # a second build changes nothing
    assert made.startswith(before)
    assert made.endswith(after)
    return made[len(before) : -len(after)]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("the gate (门)", 'the gate (<span lang="zh-Hans">门</span>)'),
        ("<b>我爱中国。</b>!", '<b><span lang="zh-Hans">我爱中国。</span></b>!'),
        ("门 and 状态", '<span lang="zh-Hans">门</span> and <span lang="zh-Hans">状态</span>'),
    ],
)
def test_chinese_is_marked(text: str, spoken: str) -> None:
    assert mended(text) == spoken


@pytest.mark.parametrize(
    "same",
    [
        '<img alt="the words 我爱中国">',
        '<script>let gate = "<b>门</b>";</script>',
        '<span class="math notranslate">\\(\\text{门}\\)</span>',
        '<div class="math">\\[x < 门\\]</div>',
        "<svg><text>门</text></svg>",
        "<!-- 门 -->",
        '<em lang="zh">门</em>',
        "plain words, “quotes” and h′",
    ],
)
def test_what_is_no_text_or_is_marked_already_stays(same: str) -> None:
    assert mended(same) == same


def test_empty_corner_becomes_a_cell_and_rows_get_names() -> None:
    table = (
        '<table><thead>\n<tr class="row-odd">'
        '<th class="head"><p></p></th><th>LSTM</th></tr></thead>'
        '<tbody>\n<tr class="row-even"><td><p>gates</p></td><td>3</td></tr>'
        "<tr><td>states</td><td>2</td></tr></tbody></table>"
    )
    made = mended(table)
    assert '<tr class="row-odd"><td></td><th>LSTM</th></tr>' in made
    assert made.count('<th scope="row">') == 2
    assert '<th scope="row"><p>gates</p></th><td>3</td>' in made
    full = table.replace("<p></p>", "<p>what</p>")
    assert mended(full) == full


@pytest.mark.parametrize(
    ("fault", "right"),
    [
        ('<summary aria-label="Toggle hidden content">', "<summary>"),
        (
            '<button class="btn search-button-field x" title="Search" aria-label="Search">',
            '<button class="btn search-button-field x" title="Search">',
        ),
        (
            '<div id="pst-primary-sidebar" class="bd">',
            '<div id="pst-primary-sidebar" role="complementary" aria-label="The book" class="bd">',
        ),
        ('<div class="citation" role="doc-biblioentry">', '<div class="citation" role="listitem">'),
        ('<img src="m.png" class="toggler" id="t-1" alt="-" />', ""),
        (
            '<table style="width: 100%" class="indextable genindextable">',
            '<table role="presentation" style="width: 100%" class="indextable genindextable">',
        ),
    ],
)
def test_faults_of_the_theme_are_mended(fault: str, right: str) -> None:
    assert mended(fault) == right
