using System.Net;
using DeployCard.GraphQL.Tests.Playground;
using DeployCard.GraphQL.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Tests.Transport;

/// <summary>No page of another origin runs anything, not even on a server that asks for no token.</summary>
public sealed class PreflightTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    public async Task A_GET_that_a_link_could_make_is_refused(string accept)
    {
        await using var server = await TestServer.Start(open: true);
        server.Http.DefaultRequestHeaders.Authorization = null;

        using var response = await server.Get("{ authorName(id: \"a1\") }", accept);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAnswer.Read(response)).FirstCode.ShouldBe("PREFLIGHT_REQUIRED");
        server.Batches.Loaded.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GraphQL-Require-Preflight")]
    [InlineData("Apollo-Require-Preflight")]
    [InlineData("X-Apollo-Operation-Name")]
    public async Task A_GET_with_a_header_that_no_link_can_bring_is_answered(string header)
    {
        await using var server = await TestServer.Start(open: true);
        server.Http.DefaultRequestHeaders.Authorization = null;
        server.Http.DefaultRequestHeaders.Add(header, "1");

        (await JsonAnswer.Read(await server.Get("{ me }"))).Data.GetProperty("me").GetString().ShouldBe("anyone");
    }

    [ChromiumFact]
    public async Task A_page_of_another_origin_runs_nothing()
    {
        await using var server = await TestServer.Start(open: true);
        await using var elsewhere = await EmptyPage();
        await using var browser = await Browser.Open();
        var page = browser.Page;
        var answers = new List<string>();
        page.Response += (_, response) => answers.Add($"{response.Request.Method} {response.Status}");
        await page.GotoAsync(elsewhere.Urls.First());
        answers.Clear();

        foreach (
            var request in (string[])
                [
                    // Sent at once, whose answer the page cannot read: they come, and are refused.
                    "fetch(url + '?query=' + encodeURIComponent('{ authorName(id: \"a1\") }'), { mode: 'no-cors' })",
                    "fetch(url, { method: 'POST', mode: 'no-cors', body: JSON.stringify({ query: 'mutation { count }' }) })",
                    "fetch(url, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ query: 'mutation { count }' }) })",
                    "fetch(url, { method: 'POST', mode: 'no-cors', body: (() => { const form = new FormData(); form.set('query', 'mutation { count }'); return form; })() })",
                    // Asked for first: they never come.
                    "fetch(url + '?query={me}', { headers: { 'GraphQL-Require-Preflight': '1' } })",
                    "fetch(url + '?query={me}', { headers: { Authorization: 'Bearer x' } })",
                    "fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query: 'mutation { count }' }) })",
                ]
        )
            await page.EvaluateAsync($"url => {request}.catch(() => {{}})", new Uri(server.Address, "/graphql").ToString());

        answers
            .Where(answer => !answer.StartsWith("OPTIONS", StringComparison.Ordinal))
            .ShouldBe(["GET 400", "POST 415", "POST 415", "POST 415"]);
        server.Batches.Loaded.ShouldBeEmpty();
        server.Streams.Produced.ShouldBe(0);
    }

    private static async Task<WebApplication> EmptyPage()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", () => TypedResults.Content("<!doctype html><title>Elsewhere</title>", "text/html"));
        await app.StartAsync(Cancellation);
        return app;
    }
}
