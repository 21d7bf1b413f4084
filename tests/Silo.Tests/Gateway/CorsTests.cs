using DeployCard.Gateway;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CorsTests
{
    private const string App = "https://app.example.com";

    private readonly Cors cors = new(new CorsService(Options.Create(new CorsOptions()), NullLoggerFactory.Instance));

    private static DefaultHttpContext Ask(string method, string? origin, bool isPreflight = false)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        if (isPreflight)
        {
            context.Request.Headers.AccessControlRequestMethod = "POST";
            context.Request.Headers.AccessControlRequestHeaders = "x-api-key,content-type";
        }

        return context;
    }

    [Fact]
    public void Deployment_without_origins_has_no_policy() => Cors.CreatePolicy([]).ShouldBeNull();

    [Fact]
    public void Preflight_of_an_allowed_origin_is_granted()
    {
        var context = Ask("OPTIONS", App, isPreflight: true);

        cors.Apply(context, Cors.CreatePolicy([App])!).ShouldBeTrue();

        context.Response.StatusCode.ShouldBe(204);
        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe(App);
        context.Response.Headers.AccessControlAllowMethods.ToString().ShouldBe("POST");
        context.Response.Headers.AccessControlAllowHeaders.ToString().ShouldBe("x-api-key,content-type");
        context.Response.Headers.AccessControlMaxAge.ToString().ShouldBe("600");
    }

    [Fact]
    public void Preflight_of_another_origin_is_not_granted()
    {
        var context = Ask("OPTIONS", "https://evil.example.com", isPreflight: true);

        cors.Apply(context, Cors.CreatePolicy([App])!).ShouldBeTrue();

        context.Response.Headers.AccessControlAllowOrigin.Count.ShouldBe(0);
    }

    [Fact]
    public void Actual_request_continues_and_its_response_is_readable()
    {
        var context = Ask("POST", App);

        cors.Apply(context, Cors.CreatePolicy([App])!).ShouldBeFalse();

        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe(App);
        context.Response.Headers.AccessControlExposeHeaders.ToString().ShouldContain("X-DeployCard-Error");
    }

    [Fact]
    public void Star_allows_every_origin()
    {
        var context = Ask("POST", "https://anything.example.org");
        cors.Apply(context, Cors.CreatePolicy(["*"])!);
        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe("*");
    }

    [Fact]
    public void Request_without_an_origin_is_unchanged()
    {
        var context = Ask("OPTIONS", origin: null);
        cors.Apply(context, Cors.CreatePolicy([App])!).ShouldBeFalse();
        context.Response.Headers.Count.ShouldBe(0);
    }

    [Fact]
    public void Cors_headers_of_the_pod_are_removed()
    {
        using var response = new HttpResponseMessage();
        response.Headers.Add("Access-Control-Allow-Origin", "*");
        response.Headers.Add("X-Other", "1");

        Cors.RemoveHeaders(response);

        response.Headers.Select(h => h.Key).ShouldBe(["X-Other"]);
    }
}
