using DeployCard.Silo.Gateway;
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
    public void A_deployment_that_names_no_origin_has_no_policy() => Cors.Policy([]).ShouldBeNull();

    [Fact]
    public void A_browser_that_asks_first_is_told_that_the_page_may()
    {
        var context = Ask("OPTIONS", App, isPreflight: true);

        cors.Answer(context, Cors.Policy([App])!).ShouldBeTrue();

        context.Response.StatusCode.ShouldBe(204);
        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe(App);
        context.Response.Headers.AccessControlAllowMethods.ToString().ShouldBe("POST");
        context.Response.Headers.AccessControlAllowHeaders.ToString().ShouldBe("x-api-key,content-type");
        context.Response.Headers.AccessControlMaxAge.ToString().ShouldBe("600");
    }

    [Fact]
    public void A_page_of_another_origin_is_not_let_in()
    {
        var context = Ask("OPTIONS", "https://evil.example.com", isPreflight: true);

        cors.Answer(context, Cors.Policy([App])!).ShouldBeTrue();

        context.Response.Headers.AccessControlAllowOrigin.Count.ShouldBe(0);
    }

    [Fact]
    public void The_request_itself_goes_on_and_its_answer_may_be_read()
    {
        var context = Ask("POST", App);

        cors.Answer(context, Cors.Policy([App])!).ShouldBeFalse();

        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe(App);
        context.Response.Headers.AccessControlExposeHeaders.ToString().ShouldContain("X-DeployCard-Error");
    }

    [Fact]
    public void Every_origin_may_where_the_star_stands()
    {
        var context = Ask("POST", "https://anything.example.org");
        cors.Answer(context, Cors.Policy(["*"])!);
        context.Response.Headers.AccessControlAllowOrigin.ToString().ShouldBe("*");
    }

    [Fact]
    public void A_request_of_no_page_is_left_alone()
    {
        var context = Ask("OPTIONS", origin: null);
        cors.Answer(context, Cors.Policy([App])!).ShouldBeFalse();
        context.Response.Headers.Count.ShouldBe(0);
    }

    [Fact]
    public void A_pods_own_word_is_withdrawn()
    {
        using var answer = new HttpResponseMessage();
        answer.Headers.Add("Access-Control-Allow-Origin", "*");
        answer.Headers.Add("X-Other", "1");

        Cors.Withdraw(answer);

        answer.Headers.Select(h => h.Key).ShouldBe(["X-Other"]);
    }
}
