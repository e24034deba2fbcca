"""What object storage says when it refuses or does not answer, in one sentence.

Lance and Arrow have one exception for all of it and put the service's answer into their text, each
in its own spelling: `NoSuchBucket` and `NO_SUCH_BUCKET`.
"""

from __future__ import annotations

import re

__all__ = ["explain_storage_error"]

_BUCKET = "there is no bucket {bucket}: make it first, or check the address {address}"
_AGAIN = "What was written before is kept, nothing is half there: run the same command again"
# What the services say, and what that means; the first that is found. `{code}` is what was found.
_MEANINGS = (
    (r"NoSuchBucket|ContainerNotFound|The specified bucket does not exist", _BUCKET),
    (
        r"CredentialsNotLoaded|Failed to get AWS credentials|no providers in chain",
        "there are no credentials for {address}: set {credentials}",
    ),
    (
        r"OAuth2? access token|default credentials",
        "there are no credentials for {address}: set GOOGLE_APPLICATION_CREDENTIALS, or log in "
        "with `gcloud auth application-default login`",
    ),
    (r"valid account name", "set AZURE_STORAGE_ACCOUNT_NAME to the account that has {address}"),
    (
        r"RequestTimeTooSkewed",
        "{address} refuses requests of another time ({code}): set the clock of this machine",
    ),
    (
        r"InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|"
        r"AuthenticationFailed",
        "the credentials for {address} are refused ({code}): check {credentials}, or log in again",
    ),
    (
        r"incorrectly configured region|PermanentRedirect|AuthorizationHeaderMalformed|"
        r"IllegalLocationConstraintException",
        "the bucket {bucket} is in another region than was asked: set AWS_REGION to its own",
    ),
    (
        r"AccessDenied|403 Forbidden|401 Unauthorized",
        "access to {address} is denied: these credentials need to {needs} objects there",
    ),
    (
        r"SlowDown|TooManyRequests|RequestLimitExceeded|429 |503[ )]",
        "{address} asks for fewer requests, and was asked again in vain: try later. " + _AGAIN,
    ),
    (
        r"NoSuchKey|not found",
        "an object of {address} is gone: another program removed it. Ask again",
    ),
    (
        r"error sending request|HTTP error|timed? ?out|connection|50[0-9][ )]",
        "{address} does not answer: check the network{endpoint}. " + _AGAIN,
    ),
)
# The variables that say who one is, and where a server of one's own is.
_AWS = ("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", "AWS_ENDPOINT_URL")
_VARIABLES = {
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS", ""),
    "az": ("AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ENDPOINT"),
}


def explain_storage_error(address: str, said: str, needs: str) -> str | None:
    """What a fault means that was met at the address; None where nothing is known of it.

    `needs` is what one has to be allowed to do there: `list and read`.
    """
    said = said.replace("_", "")
    service, _, rest = address.partition("://")
    credentials, endpoint = _VARIABLES.get(service, _AWS)
    words = {
        "address": address,
        "bucket": rest.partition("/")[0],
        "credentials": credentials,
        "endpoint": f", and {endpoint} where the server is your own" if endpoint else "",
    }
    for pattern, sentence in _MEANINGS:
        found = re.search(pattern, said, re.I)
        if found:
            return sentence.format(code=_spelt(found[0], pattern), needs=needs, **words)
    return None


def _spelt(found: str, pattern: str) -> str:
    """A code as the service's own documents have it."""
    names = (name for name in pattern.split("|") if name.casefold() == found.casefold())
    return next(names, found)
