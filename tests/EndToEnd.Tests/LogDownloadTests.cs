using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Download of the log of a deployment as a file.</summary>
public sealed class LogDownloadTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const int Lines = 2_500;

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_contains_every_line_in_order_even_if_the_log_is_read_in_several_parts()
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
    public async Task Log_is_filtered_by_text_pod_and_time()
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
    [InlineData("?from=yesterday", "from must be a single time such as 2026-11-25T10:00:00Z; got 'yesterday'.")]
    [InlineData("?to=1&to=2", "to must be a single time such as 2026-11-25T10:00:00Z; got '1,2'.")]
    [InlineData("?pod=a&pod=b", "pod must be a single value of at most 100 characters; got 'a,b'.")]
    public async Task Invalid_parameter_is_rejected_with_the_allowed_values(string query, string detail)
    {
        using var response = await Get("any", query);
        await ShouldBe(response, HttpStatusCode.BadRequest, "INVALID_PARAMETER", detail);
    }

    [Fact]
    public async Task Download_requires_the_administrator_token_and_a_deployment_that_is_not_deleted()
    {
        var name = shared.NewName("guarded");
        var key = await card.Deploy(name, "echo");
        foreach (var token in new[] { null, key, "dca_wrong" })
        {
            using var rejected = await Get(name, "", token);
            await ShouldBe(
                rejected,
                HttpStatusCode.Unauthorized,
                "UNAUTHENTICATED",
                "Send the administrator token in 'Authorization: Bearer …'."
            );
        }

        using var missing = await Get("unknown");
        await ShouldBe(missing, HttpStatusCode.NotFound, "DEPLOYMENT_NOT_FOUND", "There is no deployment named 'unknown'.");

        await card.Query($"mutation {{ deleteDeployment(name: \"{name}\") {{ errors {{ code }} }} }}", cancellationToken: Cancellation);
        using var deleted = await Get(name);
        await ShouldBe(deleted, HttpStatusCode.Gone, "DEPLOYMENT_DELETED", $"Deployment '{name}' was deleted.");
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
