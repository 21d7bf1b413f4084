using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class HopByHopTests
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
        HopByHop.Withdraw(headers);
        headers.Remove("Connection");
        return headers;
    }

    [Theory]
    [InlineData("X-Hop")]
    [InlineData("X-Hop, close")]
    [InlineData("close, x-hop")]
    [InlineData("keep-alive,X-HOP,Content-Length,Host")]
    public void What_connection_names_does_not_go_on(string connection) =>
        Left(connection).Keys.Order().ShouldBe(["Content-Length", "Host", "X-Other"]);

    [Fact]
    public void Several_lines_count_together() => Left("close", "X-Other, X-Hop").Keys.Order().ShouldBe(["Content-Length", "Host"]);

    [Theory]
    [InlineData("close")]
    [InlineData("keep-alive")]
    [InlineData("")]
    public void What_nearly_all_say_names_nothing(string connection) => Left(connection).Count.ShouldBe(4);

    [Fact]
    public void A_pods_answer_is_held_to_the_same()
    {
        using var answer = new HttpResponseMessage { Content = new StringContent("x") };
        answer.Headers.TryAddWithoutValidation("Connection", "close, X-Hop, Content-Language, not a name");
        answer.Headers.TryAddWithoutValidation("X-Hop", "1");
        answer.Headers.TryAddWithoutValidation("X-Other", "2");
        answer.Content.Headers.ContentLanguage.Add("en");

        HopByHop.Withdraw(answer);

        answer.Headers.Contains("X-Hop").ShouldBeFalse();
        answer.Headers.Contains("X-Other").ShouldBeTrue();
        answer.Content.Headers.ContentLanguage.ShouldBeEmpty();
    }
}
