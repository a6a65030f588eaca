"""The plan as a table that core cards can show: an hour a row, the price and each car in its column."""

from collections.abc import Mapping
from typing import Final

from .client import Json

_HOURS: Final = 24
_KILOWATTS: Final = 1
"""A block for so many kW."""

_CENTS: Final = 3
"""A block for so many hundredths of the currency."""

_HEAD: Final = """\
{%- set cars = CARS %}
{%- set ns = namespace(hours=[], prices={}, powers={}, sun={}) %}
{%- for name, sensor in cars.items() %}
{%- for slot in state_attr(sensor, 'slots') or [] %}
{%- set hour = slot.start[:13] %}
{%- set key = name ~ hour %}
{%- set share = (as_timestamp(slot.end) - as_timestamp(slot.start)) / 3600 %}
{%- if hour not in ns.hours %}{% set ns.hours = ns.hours + [hour] %}{% endif %}
{%- set ns.prices = dict(ns.prices, **{hour: slot.price}) %}
{%- set ns.powers = dict(ns.powers, **{key: ns.powers.get(key, 0) + slot.power * share / 1000}) %}
{%- set ns.sun = dict(ns.sun, **{key: ns.sun.get(key, 0) + slot.from_sun * share / 1000}) %}
{%- endfor %}
{%- endfor %}
{%- if not ns.hours %}
Nothing is planned yet.
{%- else %}
| | Price |{% for name in cars %} NAME |{% endfor %}
|:--|:--|{% for name in cars %}:--|{% endfor %}
{%- for hour in (ns.hours | sort)[:HOURS] %}
| {{ hour[11:] }}:00 | \
{{ '▪' * [(ns.prices[hour] or 0) * 100 / CENTS, 0] | max | round | int }}&nbsp;\
{{ '%.2f' % ns.prices[hour] if ns.prices[hour] is not none else '' }} |\
{%- for name in cars %}{% set power = ns.powers.get(name ~ hour, 0) %} \
{%- if power > 0.05 %}{{ '☀' if ns.sun[name ~ hour] > power / 2 else '⚡' }}&nbsp;\
{{ '█' * [power / KILOWATTS, 1] | max | round | int }}&nbsp;{{ '%.1f' % power }}&nbsp;kW\
{%- elif power < -0.05 %}🏠&nbsp;\
{{ '░' * [-power / KILOWATTS, 1] | max | round | int }}&nbsp;{{ '%.1f' % power }}&nbsp;kW\
{%- endif %} |\
{%- endfor %}
{%- endfor %}
{%- endif %}
"""


def plan_card(plans: Mapping[str, str]) -> Json:
    """Return the card; `plans` names the plan sensor of each car."""
    words = {
        "CARS": "{" + ", ".join(f"'{name}': '{sensor}'" for name, sensor in plans.items()) + "}",
        "NAME": "{{ name }}",
        "HOURS": f"{_HOURS}",
        "CENTS": f"{_CENTS}",
        "KILOWATTS": f"{_KILOWATTS}",
    }
    content = _HEAD
    for word, value in words.items():
        content = content.replace(word, value)
    return {"type": "markdown", "content": content, "grid_options": {"columns": "full"}}
