r"""A formula in LaTeX as one line of readable text, for terminals.

    >>> readable(r"w_{\text{new}} = w_{\text{old}} - \eta \frac{\partial C}{\partial w}")
    'w_new = w_old − η ∂C/∂w'
    >>> readable(r"z_1 = \sum_{i=1}^{n} w_{i1} x_i^2")
    'z₁ = Σ(i=1…n) wᵢ₁ xᵢ²'

Only what the lessons write is known; a test runs every formula of every lesson through here.
Not for typesetting (a browser gets the LaTeX itself).
"""

import re
import unicodedata
from collections.abc import Iterator

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω",
    "Delta": "Δ", "Sigma": "Σ", "Theta": "Θ", "Phi": "Φ",
    "times": "×", "cdot": "·", "partial": "∂", "nabla": "∇", "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈",
    "in": "∈", "to": "→", "leftarrow": "←", "infty": "∞", "pm": "±", "sum": "Σ", "prod": "Π", "dots": "…",
    "ldots": "…", "lVert": "‖", "rVert": "‖", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋",
    "lvert": "|", "rvert": "|", "vert": "|", "iff": "⟺",
    **{name: name for name in ("max", "min", "exp", "ln", "log", "cos", "sin", "tanh", "cosh", "arg")},
    **dict.fromkeys(("left", "right", "big", "Big", "displaystyle", "!"), ""),
    **dict.fromkeys((",", ";", ":", "quad", " "), " "),
    "{": "{", "}": "}", "%": "%", "\\": "\n", "qquad": "\n",
}  # fmt: skip
_PLAIN = ("text", "mathrm", "operatorname", "mathbf", "boldsymbol")
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_SUPER = dict(zip("0123456789+-=()niTtk*lL", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗᵏ*ˡᴸ", strict=True))
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_&]|\s+|[^\\{}^_&\s]", re.DOTALL)


def readable(latex: str) -> str:
    """Writes a formula with the signs of Unicode.

    Args:
        latex: What stands between the dollar signs.

    Returns:
        Text; several lines where the formula has several.

    Raises:
        ValueError: If a command is not known.
    """
    tokens = _TOKEN.findall(latex.strip())
    words = unicodedata.normalize("NFC", _sequence(iter(tokens), until=None))
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in words.split("\n")]
    return "\n".join(_tidied(line) for line in lines)


def _tidied(line: str) -> str:
    line = re.sub(r"([(\[⌈⌊∂∇Δ]) +", r"\1", re.sub(r" +([)\]⌉⌋,])", r"\1", line))
    return re.sub(r"(?<=[\w)])(?=[ΣΠ])", " ", line)


def _sequence(tokens: Iterator[str], *, until: str | None) -> str:
    """Reads to the end, or to the closing brace."""
    out = ""
    for token in tokens:
        if token == until:
            return out
        if token in "_^":
            out, words = out.rstrip(), _argument(tokens)
            if out[-1:] in ("Σ", "Π"):
                out += f"({words}) "
            elif out[-1:] == ")" and token == "^" and re.search(r"[ΣΠ]\([^()]*\)$", out):
                out = f"{out[:-1]}…{words}) "
            else:
                out += _script(words, token)
        else:
            out += _one(token, tokens)
    return out


def _one(token: str, tokens: Iterator[str]) -> str:
    if token == "{":
        return _sequence(tokens, until="}")
    if token == "&":
        return ""
    if token.isspace():
        return " "
    if token == "-":
        return "−"
    if not token.startswith("\\"):
        return token
    name = token[1:]
    if name in ("frac", "tfrac", "dfrac"):
        over = _wrapped(_argument(tokens))
        return f"{over}/{_wrapped(_argument(tokens))}"
    if name == "sqrt":
        return f"√{_wrapped(_argument(tokens))}"
    if name in _PLAIN:
        return _argument(tokens)
    if name in _ACCENTS:
        return _argument(tokens) + _ACCENTS[name]
    if name not in _SIGNS:
        raise ValueError(f"`\\{name}` is not among the signs that formula.py knows")
    return _SIGNS[name]


def _argument(tokens: Iterator[str]) -> str:
    """What a command or a script applies to: a group in braces, or the next sign."""
    for token in tokens:
        if not token.isspace():
            return _one(token, tokens)
    return ""


def _script(words: str, kind: str) -> str:
    words = words.strip()
    table = _SUB if kind == "_" else _SUPER
    signs = words.replace("−", "-").replace(" ", "")
    if signs and all(sign in table for sign in signs) and (len(signs.strip("()")) < 4 or signs.isdigit()):
        return "".join(table[sign] for sign in signs)
    return kind + (words if words.isalnum() else f"({words})")


def _wrapped(words: str) -> str:
    """A part of a fraction, in brackets if it has several terms."""
    words = words.strip()
    return words if re.fullmatch(r"\S+|[∂∇Δ]\s?\S+", words) else f"({words})"
