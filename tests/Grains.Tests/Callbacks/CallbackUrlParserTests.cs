using DeployCard.Contracts.Callbacks;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackUrlParserTests
{
    [Theory]
    [InlineData("https://hooks.example.com/done")]
    [InlineData("https://hooks.example.com")]
    [InlineData("HTTPS://hooks.example.com:8443/a/b?c=d&e=f@g")]
    [InlineData("https://hooks.example.com/a@b")]
    [InlineData("https://hooks.example.com?mail=a@b")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://1.1.1.1/")]
    [InlineData("https://[2606:4700:4700::1111]/")]
    [InlineData("https://127.0.0.1.example.com/")] // The resolved address is checked at the connection.
    public void Public_https_url_is_accepted_unchanged(string text)
    {
        var (url, mustBe) = Read(text);

        mustBe.ShouldBeNull();
        url.ShouldNotBeNull().OriginalString.ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("done")]
    [InlineData("/done")]
    [InlineData("//hooks.example.com/done")]
    [InlineData("hooks.example.com/done")]
    [InlineData("https:hooks.example.com")]
    [InlineData("https:/hooks.example.com")]
    [InlineData("https://")]
    [InlineData("https:///done")]
    [InlineData("https://hooks.example.com:99999/")]
    [InlineData("https://hooks..example.com/")]
    [InlineData("https://ho%6fks.example.com/")]
    [InlineData(" https://hooks.example.com/")]
    [InlineData("http://hooks.example.com/")]
    [InlineData("ftp://hooks.example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://hooks.example.com/")]
    [InlineData("javascript:alert(1)")]
    [InlineData(@"https:\\hooks.example.com\")]
    public void Text_that_is_not_an_absolute_https_url_is_rejected(string text) =>
        Read(text).MustBe.ShouldNotBeNull().ShouldContain("absolute URL with https");

    [Theory]
    [InlineData("https://anna@hooks.example.com/")]
    [InlineData("https://anna:secret@hooks.example.com/")]
    [InlineData("https://@hooks.example.com/")]
    [InlineData("https://:@hooks.example.com/")]
    [InlineData("https://hooks.example.com@10.0.0.1/")]
    public void User_info_is_rejected(string text) => Read(text).MustBe.ShouldNotBeNull().ShouldContain("user");

    [Theory]
    [InlineData("https://bücher.example/")]
    [InlineData("https://hooks.example.com/é")]
    [InlineData("https://ｌocalhost/")]
    [InlineData("https://１２７.０.０.１/")]
    [InlineData("https://①②⑦.⓪.⓪.①/")]
    public void Non_ASCII_characters_are_rejected_because_parsers_interpret_them_differently(string text) =>
        Read(text).MustBe.ShouldNotBeNull().ShouldContain("ASCII");

    [Theory]
    [InlineData("https://hooks.example.com/#done")]
    [InlineData("https://hooks.example.com#")]
    public void Fragment_is_rejected(string text) => Read(text).MustBe.ShouldNotBeNull().ShouldContain("fragment");

    [Fact]
    public void Url_longer_than_2048_characters_is_rejected()
    {
        var longest = "https://hooks.example.com/".PadRight(2048, 'x');

        Read(longest).Url.ShouldNotBeNull();
        Read(longest + "x").MustBe.ShouldNotBeNull().ShouldContain("2048");
    }

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://017700000001/")]
    [InlineData("https://0/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://10.0.0.1:8443/")]
    [InlineData("https://localhost/")]
    [InlineData("https://localhost./")]
    [InlineData("https://LOCALHOST/")]
    [InlineData("https://a.localhost/")]
    [InlineData("https://-a-/")]
    public void Literal_private_address_is_rejected_in_every_notation(string text) =>
        Read(text).MustBe.ShouldNotBeNull().ShouldContain("Callbacks:AllowedNetworks");

    [Theory]
    [InlineData("https://127.0.0.1/", new[] { "127.0.0.0/8" }, null)]
    [InlineData("https://localhost/", new[] { "127.0.0.0/8" }, null)]
    [InlineData("https://localhost/", new[] { "::1/128" }, null)]
    [InlineData("https://localhost/", null, new[] { "localhost" })]
    [InlineData("https://[::1]/", new[] { "::1/128" }, null)]
    [InlineData("https://10.1.2.3/", new[] { "10.0.0.0/8" }, null)]
    public void Private_host_allowed_by_the_settings_is_accepted(string text, string[]? networks, string[]? hosts) =>
        Read(text, networks, hosts).Url.ShouldNotBeNull();

    [Fact]
    public void Http_url_of_a_public_host_is_accepted_only_if_the_settings_allow_it()
    {
        Read("http://hooks.example.com/", allowHttp: true).Url.ShouldNotBeNull();
        Read("http://127.0.0.1/", allowHttp: true).MustBe.ShouldNotBeNull();
        Read("ftp://hooks.example.com/", allowHttp: true).MustBe.ShouldNotBeNull().ShouldContain("https or http");
    }

    private static (Uri? Url, string? MustBe) Read(string text, string[]? networks = null, string[]? hosts = null, bool allowHttp = false)
    {
        var options = Options.Create(CallbackAddressPolicyTests.CreateOptions(networks, hosts));
        options.Value.AllowHttp = allowHttp;
        return new CallbackUrlParser(new(options), options).Parse(text);
    }
}
