"""Promise: a written date has one reading, and no date of one split is in another."""

import datetime
from collections import defaultdict

import pytest
import torch
from babel import Locale

from rnnlab.data import IGNORED, Dates, collate
from rnnlab.data.dates import (
    FIRST,
    LAST,
    LOCALES,
    START,
    STOP,
    fields,
    formats,
    source_tokens,
    source_vocabulary,
    split_of,
    target_vocabulary,
    written,
)

SPLITS = ("train", "validation", "test")
MAY_3 = datetime.date(2024, 5, 3)


def days(*years):
    return [
        date
        for year in years
        for date in map(
            datetime.date.fromordinal,
            range(datetime.date(year, 1, 1).toordinal(), datetime.date(year + 1, 1, 1).toordinal()),
        )
    ]


def readings(locale, patterns, dates):
    """All dates that each text may mean."""
    meant = defaultdict(set)
    for date in dates:
        for pattern in patterns:
            meant[written(date, locale, pattern)].add(date)
    return meant


def test_there_are_many_locales_each_once():
    assert len(LOCALES) == len(set(LOCALES)) >= 25
    assert {"zh_Hans_CN", "zh_Hant_TW", "en_US", "en_GB", "ja", "he"} <= set(LOCALES)
    assert all(len(formats(locale)) == len(set(formats(locale))) >= 4 for locale in LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_date_can_be_read_in_one_way_and_spelled(locale):
    dates = days(1924, 2024)  # a century apart, so that an abbreviated year would show
    assert len(dates) == 2 * 366
    meant = readings(locale, formats(locale), dates)
    assert set().union(*meant.values()) == set(dates)
    assert {text: found for text, found in meant.items() if len(found) > 1} == {}
    assert set("".join(meant)) <= set(source_vocabulary().tokens)
    assert not set("".join(meant)) & set("\u00a0\u202f\u200e\u200f\n\t")


def test_short_forms_and_a_missing_locale_would_have_two_readings():
    short = Locale.parse("en_US").date_formats["short"].pattern
    meant = readings("en_US", [short], days(1924, 2024))
    assert max(map(len, meant.values())) == 2
    american = readings("en_US", formats("en_US"), days(2024))
    spanish = readings("es", formats("es"), days(2024))
    assert american["2/1/2024"] == {datetime.date(2024, 2, 1)}
    assert spanish["2/1/2024"] == {datetime.date(2024, 1, 2)}


@pytest.mark.parametrize("locale", LOCALES)
def test_no_format_abbreviates_the_year(locale):
    for year in (1900, 1924, 2007, 2099):
        date = datetime.date(year, 12, 31)
        assert all(str(year) in written(date, locale, pattern) for pattern in formats(locale))


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("zh_Hans_CN", ["2024年5月3日", "2024年5月3日星期五", "2024/5/3"]),
        ("de", ["3. Mai 2024", "03.05.2024", "Freitag, 3. Mai 2024"]),
        ("en_US", ["5/3/2024", "May 3, 2024", "Friday, May 3, 2024"]),
        ("en_GB", ["03/05/2024", "3 May 2024"]),
        ("fr", ["03/05/2024", "vendredi 3 mai 2024"]),
        ("es", ["3/5/2024", "3 de mayo de 2024"]),
        ("sv", ["2024-05-03", "3 maj 2024"]),
        ("fi", ["3.5.2024", "3. toukokuuta 2024"]),
        ("ru", ["03.05.2024", "3 мая 2024 г."]),
        ("hu", ["2024. május 3."]),
        ("ja", ["2024年5月3日", "2024/05/03"]),
        ("ko", ["2024. 5. 3.", "2024년 5월 3일 금요일"]),
        ("he", ["3 במאי 2024", "3.5.2024"]),
    ],
)
def test_third_of_may_is_written_as_people_write_it(locale, texts):
    assert set(texts) <= {written(MAY_3, locale, pattern) for pattern in formats(locale)}


def test_americans_write_the_month_first():
    american, british = (
        {written(MAY_3, locale, pattern) for pattern in formats(locale)}
        for locale in ("en_US", "en_GB")
    )
    assert not american & british
    assert "03/05/2024" not in american
    assert not {"5/3/2024", "05/03/2024"} & british


def test_eight_dates_in_ten_are_for_training():
    counts = dict.fromkeys(SPLITS, 0)
    for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
        counts[split_of(datetime.date.fromordinal(ordinal))] += 1
    total = sum(counts.values())
    assert total == 73_049
    for split, share in zip(SPLITS, (0.8, 0.1, 0.1), strict=True):
        assert abs(counts[split] / total - share) < 0.01


def test_every_example_is_a_date_of_its_split_and_no_date_is_in_two():
    dates = {}
    for split in SPLITS:
        examples = [Dates(split, 3000, seed=3).text(k) for k in range(3000)]
        dates[split] = {datetime.date.fromisoformat(iso) for _, _, iso in examples}
        assert {split_of(date) for date in dates[split]} == {split}
        assert len(dates[split]) > 2000
        assert min(dates[split]).year < 1903
        assert max(dates[split]).year > 2096
        assert FIRST <= min(dates[split]) <= max(dates[split]) <= LAST
        assert {locale for locale, _, _ in examples} == set(LOCALES)
        for locale, text, iso in examples[:300]:
            date = datetime.date.fromisoformat(iso)
            assert text in {written(date, locale, pattern) for pattern in formats(locale)}
    assert not dates["train"] & dates["validation"]
    assert not dates["train"] & dates["test"]
    assert not dates["validation"] & dates["test"]


def test_seeds_reproduce_and_differ():
    def texts(split, seed, size=50):
        dataset = Dates(split, size, seed=seed)
        return [dataset.text(k) for k in reversed(range(50))]

    assert texts("train", 0) == texts("train", 0) == texts("train", 0, size=500)
    assert not set(texts("train", 0)) & set(texts("train", 1))
    assert len(set(texts("train", 0))) == 50


@pytest.mark.parametrize("split", SPLITS)
def test_tokens_are_the_locale_and_the_characters_and_the_iso_form(split):
    dataset, sources, targets = Dates(split, 200), source_vocabulary(), target_vocabulary()
    for k in range(200):
        locale, text, iso = dataset.text(k)
        source, target = dataset[k]
        assert sources.tokens[source[0]] == f"<{locale}>"
        assert sources.decode(source[1:]) == text
        assert torch.equal(source, source_tokens(locale, text))
        assert targets.decode(target) == START + iso + STOP
        assert target.shape == (12,)


def test_dates_make_batches():
    dataset = Dates("test", 10)
    examples = [dataset[k] for k in range(10)]
    (sources, lengths, previous), answers = collate(dataset, range(10))
    for b, (source, target) in enumerate(examples):
        assert lengths[b] == len(source)
        assert torch.equal(sources[: len(source), b], source)
        assert torch.equal(previous[:, b], target[:-1])
        assert torch.equal(answers[:, b], target[1:])
    assert (answers != IGNORED).all()  # an ISO date is always as long


def test_locales_can_be_chosen():
    dataset = Dates("train", 60, locales=("zh_Hans_CN", "ja"))
    assert {dataset.text(k)[0] for k in range(60)} == {"zh_Hans_CN", "ja"}


def test_what_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="train, validation or test, got 'dev'"):
        Dates("dev", 5)
    with pytest.raises(ValueError, match="got 'tlh'"):
        Dates("train", 5, locales=("de", "tlh"))
    with pytest.raises(ValueError, match="got 'tlh'"):
        formats("tlh")
    for index in (-1, 5):
        with pytest.raises(IndexError, match=f"from 0 to 4, got {index}"):
            Dates("train", 5)[index]
    with pytest.raises(ValueError, match=r"got \['<tlh>'\]"):
        source_tokens("tlh", "3")
    with pytest.raises(ValueError, match=r"got \['☃'\]"):
        source_tokens("de", "3☃")


@pytest.mark.parametrize("locale", LOCALES)
def test_year_month_and_day_are_found_in_every_format(locale):
    for pattern in formats(locale):
        for date in (datetime.date(2024, 5, 3), datetime.date(1987, 12, 18)):
            text, places = written(date, locale, pattern), fields(date, locale, pattern)
            assert set(places) == {"year", "month", "day"}
            assert not set(places["year"]) & set(places["month"])
            part = {name: text[place.start : place.stop] for name, place in places.items()}
            assert part["year"] == str(date.year)
            assert part["day"].strip("0") == str(date.day).strip("0")
            if "MMM" not in pattern and "LLL" not in pattern:
                assert int(part["month"]) == date.month
            else:  # a name changes with the month, and with nothing else
                later = written(date.replace(month=1 + date.month % 12), locale, pattern)
                assert part["month"] not in later
            # Another day of the month changes the day's part, and the name of the weekday at most.
            start = places["day"].start
            other = written(date.replace(day=date.day + 7), locale, pattern)
            assert text[:start] == other[:start]


def test_every_character_of_the_answer_is_aligned_with_its_field():
    dataset = Dates("train", 200, seed=2)
    for index in range(200):
        locale, text, iso = dataset.text(index)
        source = [f"<{locale}>", *text]
        places = dataset.alignment(index)
        assert [len(place) > 0 for place in places] == [c != "-" for c in iso]
        part = ["".join(source[place.start : place.stop]) for place in places]
        assert part[0] == part[3] == iso[:4]
        assert part[8].strip("0") == iso[8:].strip("0")
        assert part[5] == part[6]
    with pytest.raises(IndexError, match="from 0 to 199, got 200"):
        dataset.alignment(200)
