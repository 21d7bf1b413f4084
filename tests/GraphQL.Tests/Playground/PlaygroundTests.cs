using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DeployCard.GraphQL.Tests.Playground;

public sealed class PlaygroundTests
{
    [ChromiumFact]
    public async Task Query_and_subscription_run_with_the_entered_token_and_contact_no_other_host()
    {
        await using var server = await TestServer.Start();
        await using var browser = await Browser.Open();
        var page = browser.Page;

        await page.GotoAsync(new Uri(server.Address, "/graphql").ToString());
        await Expect(Editor(page)).ToContainTextAsync("deployments"); // the first example
        await Expect(page.Locator(".graphiql-container")).ToBeVisibleAsync();
        await page.GetByLabel("Administrator token").FillAsync(TestAuthenticator.Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use", Exact = true }).ClickAsync();

        await Run(page, "{ me }");
        await Expect(Response(page)).ToContainTextAsync("\"me\": \"ada\"");

        await Run(page, "subscription { tail(id: \"x\") }");
        await Expect(Response(page)).ToContainTextAsync("ada reads x");
        server.Streams.Open.ShouldBe(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Eventually.True(() => server.Streams.Open == 0, "the subscription has ended", TestContext.Current.CancellationToken);

        browser.Requests.ShouldContain(url => url.StartsWith("ws:", StringComparison.Ordinal));
        browser.Requests.ShouldAllBe(url => IsHere(url, server.Address));
        browser.Complaints.ShouldBeEmpty();
        (await page.EvaluateAsync<string>("sessionStorage.getItem('deploycard.token')")).ShouldBe(TestAuthenticator.Token);
        (await page.EvaluateAsync<string>("JSON.stringify(localStorage)")).ShouldNotContain(TestAuthenticator.Token);
    }

    [ChromiumFact]
    public async Task Example_opens_in_a_new_tab()
    {
        await using var server = await TestServer.Start();
        await using var browser = await Browser.Open();
        var page = browser.Page;
        await page.GotoAsync(new Uri(server.Address, "/graphql").ToString());
        await page.GetByLabel("Administrator token").FillAsync(TestAuthenticator.Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use", Exact = true }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Logs, live", Exact = false }).ClickAsync();

        await Expect(Editor(page)).ToContainTextAsync("logLines");
        await Expect(page.GetByRole(AriaRole.Tab)).ToHaveCountAsync(2);
        browser.Requests.ShouldAllBe(url => IsHere(url, server.Address));
    }

    private static ILocator Editor(IPage page) => page.Locator(".graphiql-query-editor .view-lines");

    private static ILocator Response(IPage page) => page.Locator(".graphiql-response .view-lines");

    private static async Task Run(IPage page, string query)
    {
        await Editor(page).ClickAsync();
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.PressAsync("Delete");
        await page.Keyboard.TypeAsync(query); // typed like a user, because the editor inserts closing brackets
        await page.Keyboard.PressAsync("Control+Enter");
    }

    private static bool IsHere(string url, Uri server) =>
        url.StartsWith("data:", StringComparison.Ordinal)
        || url.StartsWith("blob:", StringComparison.Ordinal)
        || new Uri(url).Authority == server.Authority;
}
