using DeployCard.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class HopByHopHeadersTests
{
    private static HeaderDictionary Left(params string[] connection)
    {
        var headers = new HeaderDictionary
        {
            ["Connection"] = new StringValues(connection),
            ["X-Hop"] = "1",
            ["X-Other"] = "2",
            ["Host"] = "here",
            ["Content-Length"] = "3",
        };
        HopByHopHeaders.RemoveNamed(headers);
        headers.Remove("Connection");
        return headers;
    }

    [Theory]
    [InlineData("X-Hop")]
    [InlineData("X-Hop, close")]
    [InlineData("close, x-hop")]
    [InlineData("keep-alive,X-HOP,Content-Length,Host")]
    public void Header_named_by_Connection_is_removed(string connection) =>
        Left(connection).Keys.Order().ShouldBe(["Content-Length", "Host", "X-Other"]);

    [Fact]
    public void Several_Connection_headers_are_combined() =>
        Left("close", "X-Other, X-Hop").Keys.Order().ShouldBe(["Content-Length", "Host"]);

    [Theory]
    [InlineData("close")]
    [InlineData("keep-alive")]
    [InlineData("")]
    public void Connection_options_remove_no_header(string connection) => Left(connection).Count.ShouldBe(4);

    [Fact]
    public void Header_named_by_Connection_is_removed_from_a_pods_response()
    {
        using var response = new HttpResponseMessage { Content = new StringContent("x") };
        response.Headers.TryAddWithoutValidation("Connection", "close, X-Hop, Content-Language, not a name");
        response.Headers.TryAddWithoutValidation("X-Hop", "1");
        response.Headers.TryAddWithoutValidation("X-Other", "2");
        response.Content.Headers.ContentLanguage.Add("en");

        HopByHopHeaders.RemoveNamed(response);

        response.Headers.Contains("X-Hop").ShouldBeFalse();
        response.Headers.Contains("X-Other").ShouldBeTrue();
        response.Content.Headers.ContentLanguage.ShouldBeEmpty();
    }
}
