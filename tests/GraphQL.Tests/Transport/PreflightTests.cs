using System.Net;
using DeployCard.GraphQL.Tests.Playground;
using DeployCard.GraphQL.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Tests.Transport;

/// <summary>Tests that pages of another origin cannot run operations, even on a server that requires no token.</summary>
public sealed class PreflightTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    public async Task GET_that_a_link_could_send_is_rejected(string accept)
    {
        await using var server = await TestServer.Start(open: true);
        server.Http.DefaultRequestHeaders.Authorization = null;

        using var response = await server.Get("{ authorName(id: \"a1\") }", accept);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonResponse.Read(response)).FirstCode.ShouldBe("PREFLIGHT_REQUIRED");
        server.Batches.Loaded.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GraphQL-Require-Preflight")]
    [InlineData("Apollo-Require-Preflight")]
    [InlineData("X-Apollo-Operation-Name")]
    public async Task GET_with_a_header_that_links_cannot_set_succeeds(string header)
    {
        await using var server = await TestServer.Start(open: true);
        server.Http.DefaultRequestHeaders.Authorization = null;
        server.Http.DefaultRequestHeaders.Add(header, "1");

        (await JsonResponse.Read(await server.Get("{ me }"))).Data.GetProperty("me").GetString().ShouldBe("anyone");
    }

    [ChromiumFact]
    public async Task Page_of_another_origin_cannot_run_operations()
    {
        await using var server = await TestServer.Start(open: true);
        await using var elsewhere = await EmptyPage();
        await using var browser = await Browser.Open();
        var page = browser.Page;
        var responses = new List<string>();
        page.Response += (_, response) => responses.Add($"{response.Request.Method} {response.Status}");
        await page.GotoAsync(elsewhere.Urls.First());
        responses.Clear();

        foreach (
            var request in (string[])
                [
                    // Sent without a preflight and rejected; the page cannot read the response.
                    "fetch(url + '?query=' + encodeURIComponent('{ authorName(id: \"a1\") }'), { mode: 'no-cors' })",
                    "fetch(url, { method: 'POST', mode: 'no-cors', body: JSON.stringify({ query: 'mutation { count }' }) })",
                    "fetch(url, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ query: 'mutation { count }' }) })",
                    "fetch(url, { method: 'POST', mode: 'no-cors', "
                        + "body: (() => { const form = new FormData(); form.set('query', 'mutation { count }'); return form; })() })",
                    // Preceded by a preflight, which fails, so they are never sent.
                    "fetch(url + '?query={me}', { headers: { 'GraphQL-Require-Preflight': '1' } })",
                    "fetch(url + '?query={me}', { headers: { Authorization: 'Bearer x' } })",
                    "fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, "
                        + "body: JSON.stringify({ query: 'mutation { count }' }) })",
                ]
        )
            await page.EvaluateAsync($"url => {request}.catch(() => {{}})", new Uri(server.Address, "/graphql").ToString());

        responses
            .Where(line => !line.StartsWith("OPTIONS", StringComparison.Ordinal))
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
