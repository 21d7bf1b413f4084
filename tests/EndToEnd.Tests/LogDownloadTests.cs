using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>A deployment's log as a file.</summary>
public sealed class LogDownloadTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const int Lines = 2_500;

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_every_line_in_order_also_of_a_log_that_is_read_in_pieces()
    {
        var name = await Printed("whole", string.Join('\n', Enumerable.Range(1, Lines).Select(n => $"\u001b[32mline {n}\u001b[0m")));

        using var response = await Get(name);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        response.Content.Headers.ContentDisposition!.ToString().ShouldBe($"attachment; filename={name}-logs.txt");
        var lines = (await response.Content.ReadAsStringAsync(Cancellation)).Split('\n');
        lines
            .Where(line => line.Contains(" line ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture))
            .ShouldBe(Enumerable.Range(1, Lines));
        lines.ShouldAllBe(line => !line.Contains('\u001b'));
        lines[^1].ShouldBe("");
        var parts = lines.First(line => line.EndsWith(" line 1", StringComparison.Ordinal)).Split(' ');
        (TimeProvider.System.GetUtcNow() - DateTimeOffset.Parse(parts[0], CultureInfo.InvariantCulture)).ShouldBeInRange(
            TimeSpan.Zero,
            TimeSpan.FromMinutes(2)
        );
        parts[1].ShouldStartWith($"{name}-1-");
    }

    [Fact]
    public async Task It_is_narrowed_by_text_pod_and_time()
    {
        var name = await Printed("narrow", "a needle\nhay");
        var all = await Text(name);
        var (at, pod) = (all.Split(' ')[0], all.Split(' ')[1]);
        var after = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().AddMinutes(1).ToString("O", CultureInfo.InvariantCulture));

        (await Text(name, "?search=NEEDLE")).ShouldEndWith(" a needle\n");
        (await Text(name, "?search=NEEDLE")).ShouldNotContain("hay");
        (await Text(name, $"?pod={pod}&search=hay")).ShouldEndWith(" hay\n");
        (await Text(name, "?pod=another")).ShouldBeEmpty();
        (await Text(name, $"?from={at}")).ShouldBe(all);
        (await Text(name, $"?from={after}")).ShouldBeEmpty();
        (await Text(name, $"?to={at}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("?from=yesterday", "from must be a time as in 2026-11-25T10:00:00Z, once; 'yesterday' was given.")]
    [InlineData("?to=1&to=2", "to must be a time as in 2026-11-25T10:00:00Z, once; '1,2' was given.")]
    [InlineData("?pod=a&pod=b", "pod must be at most 100 characters, once; 'a,b' was given.")]
    public async Task A_wrong_parameter_is_told_with_what_is_allowed(string query, string detail)
    {
        using var response = await Get("any", query);
        await ShouldBe(response, HttpStatusCode.BadRequest, "INVALID_PARAMETER", detail);
    }

    [Fact]
    public async Task It_needs_the_administrator_token_and_a_deployment_that_is_not_deleted()
    {
        var name = shared.NewName("guarded");
        var key = await card.Deploy(name, "echo");
        foreach (var token in new[] { null, key, "dca_wrong" })
        {
            using var refused = await Get(name, "", token);
            await ShouldBe(refused, HttpStatusCode.Unauthorized, "UNAUTHENTICATED", "Send it in 'Authorization: Bearer …'.");
        }

        using var missing = await Get("nobody");
        await ShouldBe(missing, HttpStatusCode.NotFound, "DEPLOYMENT_NOT_FOUND", "There is no deployment named 'nobody'.");

        await card.Query($"mutation {{ deleteDeployment(name: \"{name}\") {{ errors {{ code }} }} }}", cancellationToken: Cancellation);
        using var gone = await Get(name);
        await ShouldBe(gone, HttpStatusCode.Gone, "DEPLOYMENT_DELETED", $"'{name}' was deleted.");
    }

    private async Task<string> Printed(string prefix, string text)
    {
        var name = shared.NewName(prefix);
        var key = await card.Deploy(name, "echo");
        using var printed = await card.Send(HttpMethod.Post, $"/predict/{name}/print", key, new StringContent(text), Cancellation);
        printed.StatusCode.ShouldBe(HttpStatusCode.OK);
        var last = text[(text.LastIndexOf('\n') + 1)..].Replace("\u001b[32m", "").Replace("\u001b[0m", "");
        await Eventually.Get(() => Text(name), log => log.Contains($" {last}\n", StringComparison.Ordinal), Cancellation);
        return name;
    }

    private async Task<string> Text(string name, string query = "")
    {
        using var response = await Get(name, query);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private Task<HttpResponseMessage> Get(string name, string query = "") => Get(name, query, card.Silo.Token);

    private async Task<HttpResponseMessage> Get(string name, string query, string? token) =>
        await card.Send(
            HttpMethod.Get,
            $"/deployments/{name}/logs.txt{query}",
            null,
            cancellationToken: Cancellation,
            headers: token is null ? [] : [("Authorization", $"Bearer {token}")]
        );

    private static async Task ShouldBe(HttpResponseMessage response, HttpStatusCode status, string code, string detail)
    {
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
        ((string)problem["code"]!).ShouldBe(code);
        ((string)problem["detail"]!).ShouldBe(detail);
    }
}
