using DeployCard.Contracts.AsyncCalls;
using DeployCard.Gateway;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallHeadersTests
{
    private static HeaderDictionary With(string name, string value) => new() { [name] = value };

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("Accept")]
    [InlineData("Accept-Language")]
    [InlineData("User-Agent")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("X-Request-Id")]
    [InlineData("X-Mine")]
    [InlineData("Idempotency-Key")]
    public void Header_for_the_model_is_kept(string name) =>
        CallHeaders.SelectForwarded(With(name, "value")).ShouldBe([new CallHeader(name, "value")]);

    [Theory]
    [InlineData("Connection")]
    [InlineData("keep-alive")]
    [InlineData("Transfer-Encoding")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Upgrade")]
    [InlineData("Expect")]
    [InlineData("Host")]
    [InlineData("Content-Length")]
    [InlineData("Accept-Encoding")]
    [InlineData("authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Cookie")]
    [InlineData("x-api-key")]
    [InlineData("X-Async-Request")]
    [InlineData("X-Health-Timeout")]
    [InlineData("X-Request-Timeout")]
    [InlineData("X-Full-Live-Timeout")]
    [InlineData("X-Retention")]
    [InlineData("X-Callback-Url")]
    public void Hop_by_hop_secret_and_gateway_headers_are_dropped(string name) =>
        CallHeaders.SelectForwarded(With(name, "value")).ShouldBeEmpty();

    [Fact]
    public void Header_named_by_Connection_is_dropped()
    {
        var headers = new HeaderDictionary
        {
            ["Connection"] = "close, X-Hop",
            ["X-Hop"] = "1",
            ["X-Mine"] = "2",
        };

        CallHeaders.SelectForwarded(headers).ShouldBe([new CallHeader("X-Mine", "2")]);
    }

    [Fact]
    public void Repeated_header_keeps_both_values() =>
        CallHeaders
            .SelectForwarded(new HeaderDictionary { ["X-Mine"] = new(["1", "2"]) })
            .ShouldBe([new("X-Mine", "1"), new("X-Mine", "2")]);

    [Fact]
    public void Absent_limit_headers_yield_the_defaults()
    {
        var (limits, problem) = CallHeaders.ParseLimits(new HeaderDictionary());

        problem.ShouldBeNull();
        limits.ShouldBe(new(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(300), null, TimeSpan.FromDays(3)));
    }

    [Fact]
    public void Limit_headers_are_read_in_seconds()
    {
        var (limits, problem) = CallHeaders.ParseLimits(
            new HeaderDictionary
            {
                ["X-Health-Timeout"] = "1",
                ["X-Request-Timeout"] = "86400",
                ["X-Full-Live-Timeout"] = "2592000",
                ["X-Retention"] = "60",
            }
        );

        problem.ShouldBeNull();
        limits.ShouldBe(new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), TimeSpan.FromDays(30), TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("X-Health-Timeout", "0")]
    [InlineData("X-Health-Timeout", "86401")]
    [InlineData("X-Request-Timeout", "0")]
    [InlineData("X-Request-Timeout", "86401")]
    [InlineData("X-Full-Live-Timeout", "0")]
    [InlineData("X-Full-Live-Timeout", "2592001")]
    [InlineData("X-Retention", "59")]
    [InlineData("X-Retention", "2592001")]
    [InlineData("X-Retention", "99999999999999999999")]
    [InlineData("X-Retention", "")]
    [InlineData("X-Retention", "-60")]
    [InlineData("X-Retention", "60.5")]
    [InlineData("X-Retention", " 60")]
    [InlineData("X-Retention", "an hour")]
    public void Limit_out_of_range_is_rejected_with_name_value_and_range(string name, string value)
    {
        var problem = CallHeaders.ParseLimits(With(name, value)).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Code.ShouldBe("INVALID_HEADER");
        problem.Detail.ShouldStartWith($"{name} must be a whole number of seconds from ");
        problem.Detail.ShouldContain($"'{value}'");
    }

    [Fact]
    public void Limit_sent_twice_is_rejected() =>
        CallHeaders.ParseLimits(new HeaderDictionary { ["X-Retention"] = new(["60", "61"]) }).Problem.ShouldNotBeNull();
}
