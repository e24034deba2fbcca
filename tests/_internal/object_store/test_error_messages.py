"""What object storage says, in one sentence: each spelling of a code is one."""

from __future__ import annotations

import pytest

from cavewall._internal.object_store.error_messages import explain_storage_error


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "INVALID_ACCESS_KEY_ID"])
def test_a_code_is_told_as_the_service_has_it(code: str) -> None:
    told = explain_storage_error(
        "s3://b/x", f"AWS Error {code} during ListObjectsV2 operation", "list and read"
    )
    assert told is not None
    assert told.startswith("the credentials for s3://b/x are refused (InvalidAccessKeyId): ")


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("<Code>NoSuchBucket</Code>", "there is no bucket b: make it first"),
        ("AWS Error NO_SUCH_BUCKET during", "there is no bucket b: make it first"),
        ("AWS Error ACCESS_DENIED during", "access to s3://b/x is denied: these credentials need"),
        ("AWS Error UNKNOWN (HTTP status 503) during", "s3://b/x asks for fewer requests"),
        ("AWS Error UNKNOWN (HTTP status 500) during", "s3://b/x does not answer: check"),
        ("AWS Error NETWORK_CONNECTION during", "s3://b/x does not answer: check the network"),
        (
            "Could not create a OAuth2 access token to",
            "there are no credentials for s3://b/x: set G",
        ),
        ("curlCode: 28, Timeout was reached", "s3://b/x does not answer: check the network"),
    ],
)
def test_what_is_said_means_something(said: str, begins: str) -> None:
    told = explain_storage_error("s3://b/x", said, "list and read")
    assert told is not None
    assert told.startswith(begins)


@pytest.mark.parametrize(
    ("address", "who", "where"),
    [
        ("s3://b/x", "AWS_PROFILE", "network, and AWS_ENDPOINT_URL where"),
        ("az://b/x", "AZURE_STORAGE_ACCOUNT_KEY", "network, and AZURE_STORAGE_ENDPOINT where"),
        ("gs://b/x", "GOOGLE_APPLICATION_CREDENTIALS", "network. What was written"),
    ],
)
def test_each_service_is_told_by_its_own_variables(address: str, who: str, where: str) -> None:
    assert who in str(explain_storage_error(address, "<Code>AuthenticationFailed</Code>", "list"))
    assert where in str(explain_storage_error(address, "error sending request", "list"))


def test_what_is_not_known_is_left_to_who_asks() -> None:
    assert explain_storage_error("s3://b/x", "something else", "list and read") is None
