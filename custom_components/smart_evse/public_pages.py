"""Pages for people without an account: how they look, in whose language, and what a browser may do with them.

Nothing is loaded from anywhere, and nothing runs but what is said here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
import secrets
from typing import Final

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .documents.notation import Notation, notation
from .documents.words import Words, words

LANGUAGES: Final = ("en", "de", "nl", "fr", "sv")

_STYLE: Final = (
    ":root{color-scheme:light dark;--line:#8884;--go:#0b7a4b}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:0 auto;padding:2rem 1rem;box-sizing:border-box}"
    "h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem}p{margin:.6rem 0}"
    "input,select,button,.button{font:inherit;width:100%;box-sizing:border-box;padding:.7rem;margin:.3rem 0 1rem}"
    "button,.button{border:0;border-radius:.5rem;background:var(--go);color:#fff;font-weight:600;display:block;"
    "text-align:center;text-decoration:none;cursor:pointer}"
    ".plain{background:none;color:inherit;border:1px solid var(--line);font-weight:400}"
    "input,select{border:1px solid var(--line);border-radius:.5rem;background:Field;color:FieldText}"
    "input[type=checkbox]{width:auto;margin:.4rem .6rem 0 0;flex:none;align-self:start;transform:scale(1.3)}"
    "label.check{display:flex;margin:.6rem 0 1rem}"
    "table{width:100%;border-collapse:collapse;margin:.6rem 0}td{padding:.35rem 0;border-bottom:1px solid var(--line)}"
    "td+td{text-align:right;white-space:nowrap;padding-left:1rem}.sum td{font-weight:600;border-bottom:0}"
    ".big{font-size:2.2rem;font-weight:600;margin:.2rem 0}.card{border:1px solid var(--line);border-radius:.8rem;"
    "padding:.8rem 1rem;margin:0 0 1rem}.small{font-size:.9rem;opacity:.8}.good{color:var(--go);font-weight:600}"
    "img{display:block;width:100%;max-width:14rem;margin:.5rem auto;background:#fff;border-radius:.5rem}"
    "@media(prefers-color-scheme:dark){:root{--go:#12915b}.good{color:#4cc38a}}"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page: their language, our texts and the documents' words in it, and how they write numbers."""

    language: str
    texts: dict[str, str]
    told: Words
    signs: Notation

    def text(self, key: str, **placeholders: str) -> str:
        """Return a text of a page."""
        return self.said(f"common.guest_page_{key}", **placeholders)

    def said(self, path: str, **placeholders: str) -> str:
        """Return any text of ours."""
        text = self.texts.get(f"component.{DOMAIN}.{path}", path)
        return text.format(**placeholders) if placeholders else text


async def async_reader(request: web.Request) -> Reader:
    """Return who reads: in the language of the browser, in English for those we do not have."""
    hass = request.app[KEY_HASS]
    wanted = (part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(","))
    return await async_reader_of(hass, next((each for each in wanted if each in LANGUAGES), LANGUAGES[0]))


async def async_reader_of(hass: HomeAssistant, language: str) -> Reader:
    """Return a reader of a language."""
    spoken = language[:2] if language[:2] in LANGUAGES else LANGUAGES[0]
    texts = await async_get_translations(hass, spoken, "common", [DOMAIN])
    texts |= await async_get_translations(hass, spoken, "exceptions", [DOMAIN])
    told = await hass.async_add_executor_job(words, spoken)
    return Reader(spoken, texts, told, notation(spoken, hass.config.country, hass.config.time_zone))


def page(  # noqa: PLR0913 (what a page is made of)
    reader: Reader,
    title: str,
    parts: Iterable[str],
    *,
    script: str = "",
    again: int | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    leaves: bool = False,
) -> web.Response:
    """Return a page. `parts` are HTML whose texts are escaped, `again` the s after which it is asked for anew.

    Its forms lead elsewhere only where it `leaves`: to the page of a provider, whose address nobody knows before.
    """
    nonce = secrets.token_urlsafe(16)
    anew = "" if again is None else f'<meta http-equiv=refresh content="{again}">'
    runs = f"<script nonce={nonce}>{script}</script>" if script else ""
    text = (
        f'<!doctype html><html lang="{reader.language}"><meta charset=utf-8>'
        f'<meta name=viewport content="width=device-width,initial-scale=1"><meta name=robots content=noindex>{anew}'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>{''.join(parts)}{runs}</html>"
    )
    rules = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        f"script-src 'nonce-{nonce}'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        *([] if leaves else ["form-action 'self'"]),
    ]
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "; ".join(rules),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=text, content_type="text/html", headers=headers, status=status)


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f"<p{_kind(kind)}>{escape(text)}</p>"


def table(rows: Iterable[tuple[str, str]], total: tuple[str, str] | None = None) -> str:
    """Return rows of a name and an amount, and their sum."""
    told = [f"<tr><td>{escape(name)}<td>{escape(amount)}" for name, amount in rows]
    if total is not None:
        told.append(f"<tr class=sum><td>{escape(total[0])}<td>{escape(total[1])}")
    return f"<table>{''.join(told)}</table>"


def button(text: str, action: str, fields: Iterable[tuple[str, str]] = (), kind: str = "", inside: str = "") -> str:
    """Return a form that is only a button, what it sends along, and what stands above it (`inside`, HTML)."""
    hidden = "".join(f'<input type=hidden name="{escape(name)}" value="{escape(value)}">' for name, value in fields)
    shown = f"{hidden}{inside}<button{_kind(kind)}>{escape(text)}</button>"
    return f'<form method=post action="{escape(action)}">{shown}</form>'


def way(text: str, to: str, kind: str = "") -> str:
    """Return a link that looks like a button."""
    return f'<a class="button {kind}" href="{escape(to)}">{escape(text)}</a>'


def check(text: str, name: str) -> str:
    """Return a box to tick, which has to be ticked."""
    box = f'<input type=checkbox name="{escape(name)}" value=1 required>'
    return f"<label class=check>{box}<span>{escape(text)}</span></label>"


def section(parts: Iterable[str]) -> str:
    """Return what belongs together."""
    return f"<div class=card>{''.join(parts)}</div>"


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
