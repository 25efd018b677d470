"""Currencies: the active codes of ISO 4217 and the signs that mean exactly one of them."""

from __future__ import annotations

# ISO 4217 list one, active codes of money that people are paid in: funds codes, precious metals and
# the codes for tests and for "no currency" are left out.
CODES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905  a block of codes is easier to compare with the list than a column
)

SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "₹": "INR",
    "₺": "TRY",
    "₩": "KRW",
    "₪": "ILS",
    "₴": "UAH",
    "₫": "VND",
    "₽": "RUB",
}

# Read in any case. Others must be written in capitals, because try, top and all are words as well.
_WRITTEN_SMALL = frozenset(
    "AUD CAD CHF CNY CZK DKK EUR GBP HUF INR JPY NOK NZD PLN SEK USD".split()  # noqa: SIM905  as above
)


def currency_of(word: str) -> str | None:
    """The ISO 4217 code that ``word`` (a code or a sign) stands for, None when it is none."""
    if word in CODES:
        return word
    if word.upper() in _WRITTEN_SMALL:
        return word.upper()
    return SIGNS.get(word)
