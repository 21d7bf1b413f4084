using System.Net;
using DeployCard.Contracts.Callbacks;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackAddressPolicyTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("168.63.129.15")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00::1")]
    [InlineData("2001:200::1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    [InlineData("2002:101:101::1")]
    public void Public_address_is_recognized(string address) => CallbackAddressPolicy.IsPublic(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::1.1.1.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::1.1.1.1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:2::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:a00:1::")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Special_purpose_address_is_not_public(string address) =>
        CallbackAddressPolicy.IsPublic(IPAddress.Parse(address)).ShouldBeFalse();

    [Fact]
    public void Networks_in_the_settings_are_allowed_in_addition_to_public_addresses()
    {
        var addresses = Create(networks: ["10.1.0.0/16", "fd00::/8"]);

        addresses.Allows(IPAddress.Parse("10.1.2.3")).ShouldBeTrue();
        addresses.Allows(IPAddress.Parse("::ffff:10.1.2.3")).ShouldBeTrue();
        addresses.Allows(IPAddress.Parse("fd12::1")).ShouldBeTrue();
        addresses.Allows(IPAddress.Parse("1.1.1.1")).ShouldBeTrue();
        addresses.Allows(IPAddress.Parse("10.2.0.0")).ShouldBeFalse();
        addresses.Allows(IPAddress.Parse("127.0.0.1")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("hooks.internal", true)]
    [InlineData("HOOKS.internal", true)]
    [InlineData("hooks.internal.", true)]
    [InlineData("a.hooks.internal", false)]
    [InlineData("hooks.internal.evil.example", false)]
    public void Hosts_in_the_settings_are_allowed_by_exact_name(string host, bool isAllowed) =>
        Create(hosts: ["hooks.internal"]).AllowsHost(host).ShouldBe(isAllowed);

    internal static CallbackAddressPolicy Create(string[]? networks = null, string[]? hosts = null) =>
        new(Options.Create(CreateOptions(networks, hosts)));

    internal static CallbackOptions CreateOptions(string[]? networks = null, string[]? hosts = null)
    {
        var options = new CallbackOptions();
        Array.ForEach(networks ?? [], options.AllowedNetworks.Add);
        Array.ForEach(hosts ?? [], options.AllowedHosts.Add);
        return options;
    }
}
