"""Which addresses may be called."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.errors import OptionError
from panglot.service.addresses import AddressPolicy, embedded, is_public

STRICT = AddressPolicy()
OPEN = AddressPolicy.allowing(allow_private=True)

PRIVATE = [
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
]
NEVER_BY_DEFAULT = [
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"]


def inside(networks: list[str]) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    return st.sampled_from([ip_network(each) for each in networks]).flatmap(
        lambda network: st.one_of(
            st.sampled_from([network[0], network[-1]]),
            st.integers(int(network[0]), int(network[-1])).map(type(network[0])),
        )
    )


@given(inside(PRIVATE))
def test_private_addresses_are_refused_until_they_are_allowed(address: IPv4Address | IPv6Address) -> None:
    assert not STRICT.permits("host.example", address)
    assert OPEN.permits("host.example", address)


@given(inside(NEVER_BY_DEFAULT).filter(lambda address: address != IPv6Address("::1")))
def test_other_special_addresses_are_refused_though_private_ones_are_allowed(
    address: IPv4Address | IPv6Address,
) -> None:
    assert not STRICT.permits("host.example", address)
    assert not OPEN.permits("host.example", address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_permitted(address: str) -> None:
    assert STRICT.permits("host.example", ip_address(address))


@given(st.ip_addresses(v=4))
def test_ipv4_agrees_with_the_library_where_that_says_private(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not is_public(address)


@given(st.ip_addresses(v=6))
def test_ipv6_agrees_with_the_library_where_that_says_private(address: IPv6Address) -> None:
    if embedded(address) == address and (address.is_private or address.is_multicast or address.is_reserved):
        assert not is_public(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::"]))
def test_an_ipv4_address_is_the_same_within_ipv6(address: IPv4Address, prefix: str) -> None:
    within = IPv6Address(int(IPv6Address(prefix)) | int(address))
    assert embedded(within) == address
    for policy in (STRICT, OPEN, AddressPolicy.allowing(["169.254.0.0/16"])):
        assert policy.permits("h", within) == policy.permits("h", address)


@given(st.ip_addresses(v=4))
def test_6to4_is_refused_whatever_it_holds(address: IPv4Address) -> None:
    assert not STRICT.permits("h", IPv6Address((0x2002 << 112) | (int(address) << 80)))


def test_a_scope_does_not_hide_a_link_local_address() -> None:
    assert not OPEN.permits("h", ip_address("fe80::1%eth0"))


def test_a_network_is_allowed_and_its_neighbours_are_not() -> None:
    policy = AddressPolicy.allowing(["10.1.0.0/16", "fd00:1::/32", "192.168.0.7"])
    assert policy.permits("h", ip_address("10.1.255.255"))
    assert policy.permits("h", ip_address("::ffff:10.1.2.3"))
    assert policy.permits("h", ip_address("fd00:1::9"))
    assert policy.permits("h", ip_address("192.168.0.7"))
    assert not policy.permits("h", ip_address("10.2.0.0"))
    assert not policy.permits("h", ip_address("fd00:2::9"))
    assert not policy.permits("h", ip_address("192.168.0.8"))
    assert not policy.permits("h", ip_address("127.0.0.1"))


@pytest.mark.parametrize("written", ["media.example.org", "MEDIA.example.org.", " media.example.org "])
def test_a_host_is_allowed_by_its_name_however_it_is_written(written: str) -> None:
    policy = AddressPolicy.allowing([written])
    assert policy.permits("media.example.org", ip_address("10.0.0.1"))
    assert policy.permits("Media.Example.Org.", ip_address("169.254.1.1"))
    assert not policy.permits("other.media.example.org", ip_address("10.0.0.1"))
    assert not policy.permits("example.org", ip_address("10.0.0.1"))


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "10.0.0.1/8", "300.1.1.1", "http://host", "a b", "", "*", "1.2"])
def test_what_is_no_address_network_or_host_is_refused_with_an_example(entry: str) -> None:
    with pytest.raises(OptionError, match=r"10\.0\.0\.0/8"):
        AddressPolicy.allowing([entry])
