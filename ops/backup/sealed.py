"""
Encrypts the secrets of an installation under a passphrase.

A sealed file is a header of 40 bytes and then what AES-256-GCM makes of the text, its tag last.
The header says how the key is derived; it is authenticated with the text:

    bytes   0-5   ``DSTSEC``
            6     version of this form: 1
            7-9   of scrypt: log2 of N, r, p
            10-25 salt
            26-37 nonce
            38-39 zero

Source: RFC 7914 (scrypt); NIST SP 800-38D (GCM with a nonce of 96 bits).
"""

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.backup.errors import BackupError

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

_MAGIC: Final = b"DSTSEC"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">6sBBBB16s12sH")
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_HIGHEST_LOG2_N: Final = 20  # with the highest r: 1 GB, more than any of ours asks for
_HIGHEST_R: Final = 8
_HIGHEST_P: Final = 4
LARGEST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at the passphrase costs: 128 * r * 2**log2_n bytes, p times over."""

    log2_n: int = 17  # OWASP Password Storage Cheat Sheet: N = 2**17, r = 8, p = 1
    r: int = 8
    p: int = 1


def seal(text: bytes, passphrase: str, cost: Cost = Cost()) -> bytes:
    """Return a text that only the passphrase opens; another each time."""
    salt, nonce = os.urandom(16), os.urandom(12)
    header = _HEADER.pack(_MAGIC, _VERSION, cost.log2_n, cost.r, cost.p, salt, nonce, 0)
    cipher = _cipher(_key(passphrase, salt, cost), nonce, header)
    content, tag = cipher.encrypt_and_digest(text)
    return header + content + tag


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """
    Return what was sealed.

    Raises:
        BackupError: If it is no such file, of a newer program, or the passphrase is another.
    """
    if not _HEADER.size + _TAG_BYTES <= len(sealed) <= LARGEST_BYTES:
        raise BackupError("its secrets are damaged")
    header = sealed[: _HEADER.size]
    magic, version, log2_n, r, p, salt, nonce, zero = _HEADER.unpack(header)
    if magic != _MAGIC or (version == _VERSION and zero):
        raise BackupError("its secrets are damaged")
    if version != _VERSION:
        raise BackupError(f"its secrets are of form {version}; this program reads form {_VERSION}")
    if not (1 <= log2_n <= _HIGHEST_LOG2_N and 1 <= r <= _HIGHEST_R and 1 <= p <= _HIGHEST_P):
        raise BackupError("its secrets are damaged")
    cipher = _cipher(_key(passphrase, salt, Cost(log2_n, r, p)), nonce, header)
    content, tag = sealed[_HEADER.size : -_TAG_BYTES], sealed[-_TAG_BYTES:]
    try:
        return cipher.decrypt_and_verify(content, tag)
    except ValueError:
        raise BackupError(
            "its secrets do not open: BACKUP_PASSPHRASE is not the one they were sealed with, "
            "or they are damaged"
        ) from None


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    from Crypto.Protocol.KDF import scrypt  # noqa: PLC0415 - few backups hold secrets

    key = scrypt(
        passphrase,
        salt,
        _KEY_BYTES,
        N=1 << cost.log2_n,
        r=cost.r,
        p=cost.p,
    )
    if not isinstance(key, bytes):
        raise TypeError("several keys, where one was asked for")
    return key


def _cipher(key: bytes, nonce: bytes, header: bytes) -> "GcmMode":
    from Crypto.Cipher import AES  # noqa: PLC0415 - likewise

    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG_BYTES)
    cipher.update(header)
    return cipher
