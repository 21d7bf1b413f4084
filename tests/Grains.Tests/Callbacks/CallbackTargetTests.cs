using DeployCard.Grains.Callbacks;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackTargetTests
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
    [InlineData("https://127.0.0.1.example.com/")] // Where it leads is checked at the connection.
    public void A_public_https_address_is_taken_as_it_is(string text)
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
    public void What_is_no_absolute_https_address_is_refused(string text) =>
        Read(text).MustBe.ShouldNotBeNull().ShouldContain("absolute URL with https");

    [Theory]
    [InlineData("https://anna@hooks.example.com/")]
    [InlineData("https://anna:secret@hooks.example.com/")]
    [InlineData("https://@hooks.example.com/")]
    [InlineData("https://:@hooks.example.com/")]
    [InlineData("https://hooks.example.com@10.0.0.1/")]
    public void A_user_is_refused(string text) => Read(text).MustBe.ShouldNotBeNull().ShouldContain("user");

    [Theory]
    [InlineData("https://bücher.example/")]
    [InlineData("https://hooks.example.com/é")]
    [InlineData("https://ｌocalhost/")]
    [InlineData("https://１２７.０.０.１/")]
    [InlineData("https://①②⑦.⓪.⓪.①/")]
    public void Letters_beyond_ASCII_are_refused_since_readers_differ_in_what_they_make_of_them(string text) =>
        Read(text).MustBe.ShouldNotBeNull().ShouldContain("ASCII");

    [Theory]
    [InlineData("https://hooks.example.com/#done")]
    [InlineData("https://hooks.example.com#")]
    public void A_fragment_is_refused(string text) => Read(text).MustBe.ShouldNotBeNull().ShouldContain("fragment");

    [Fact]
    public void It_has_at_most_2048_characters()
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
    public void A_host_that_is_not_public_is_refused_at_once_however_it_is_written(string text) =>
        Read(text).MustBe.ShouldNotBeNull().ShouldContain("Callbacks:AllowedNetworks");

    [Theory]
    [InlineData("https://127.0.0.1/", new[] { "127.0.0.0/8" }, null)]
    [InlineData("https://localhost/", new[] { "127.0.0.0/8" }, null)]
    [InlineData("https://localhost/", new[] { "::1/128" }, null)]
    [InlineData("https://localhost/", null, new[] { "localhost" })]
    [InlineData("https://[::1]/", new[] { "::1/128" }, null)]
    [InlineData("https://10.1.2.3/", new[] { "10.0.0.0/8" }, null)]
    public void What_the_settings_allow_is_taken(string text, string[]? networks, string[]? hosts) =>
        Read(text, networks, hosts).Url.ShouldNotBeNull();

    [Fact]
    public void Http_is_taken_where_the_settings_allow_it_and_for_public_hosts_only()
    {
        Read("http://hooks.example.com/", allowHttp: true).Url.ShouldNotBeNull();
        Read("http://127.0.0.1/", allowHttp: true).MustBe.ShouldNotBeNull();
        Read("ftp://hooks.example.com/", allowHttp: true).MustBe.ShouldNotBeNull().ShouldContain("https or http");
    }

    private static (Uri? Url, string? MustBe) Read(string text, string[]? networks = null, string[]? hosts = null, bool allowHttp = false)
    {
        var options = Options.Create(CallbackAddressesTests.Settings(networks, hosts));
        options.Value.AllowHttp = allowHttp;
        return new CallbackTarget(new(options), options).Read(text);
    }
}
