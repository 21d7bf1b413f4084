using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Lookup of all types with a global id (Relay, Global Object Identification).</summary>
public sealed class NodeTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deployment_key_webhook_secret_and_call_are_found_by_their_ids()
    {
        var name = shared.NewName("node");
        var key = await card.Deploy(name, "echo");
        await card.Query(
            $"mutation {{ createWebhookSecret(deployment: \"{name}\") {{ errors {{ code }} }} }}",
            cancellationToken: Cancellation
        );
        var call = await card.Call($"/predict/{name}/x", key, new StringContent("x"), Cancellation);
        var deployment = (
            await card.Query(
                $"{{ deployment(name: \"{name}\") {{ id keys {{ id }} webhookSecrets {{ id }} }} }}",
                cancellationToken: Cancellation
            )
        )["deployment"]!;
        string[] ids =
        [
            (string)deployment["id"]!,
            (string)deployment["keys"]![0]!["id"]!,
            (string)deployment["webhookSecrets"]![0]!["id"]!,
            call,
        ];

        var nodes = (
            await Ask(
                "query($ids: [ID!]!) { nodes(ids: $ids) "
                    + "{ __typename id ... on Deployment { name } ... on Key { prefix } ... on AsyncCall { deployment } } }",
                new { ids }
            )
        )["nodes"]!.AsArray();

        nodes.Select(node => (string)node!["__typename"]!).ShouldBe(["Deployment", "Key", "WebhookSecret", "AsyncCall"]);
        nodes.Select(node => (string)node!["id"]!).ShouldBe(ids);
        ((string)nodes[0]!["name"]!).ShouldBe(name);
        key.ShouldStartWith((string)nodes[1]!["prefix"]!);
        ((string)nodes[3]!["deployment"]!).ShouldBe(name);
        foreach (var id in ids)
            ((string)(await Ask("query($id: ID!) { node(id: $id) { id } }", new { id }))["node"]!["id"]!).ShouldBe(id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("RGVwbG95bWVudDp1bmtub3du")] // Deployment:unknown
    [InlineData("V2ViaG9va1NlY3JldDp1bmtub3duL3g=")] // WebhookSecret:unknown/x
    [InlineData("S2V5OjA=")] // Key:0
    [InlineData("00000000000000000000000000000000")]
    public async Task Unknown_id_returns_null(string id) =>
        (await Ask("query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", new { id }))
            .ToJsonString()
            .ShouldBe("""{"node":null,"nodes":[null]}""");

    [Fact]
    public async Task Request_for_more_than_100_nodes_is_rejected()
    {
        var (_, response) = await card.Execute(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            new { ids = Enumerable.Range(0, 101).Select(n => $"{n}") },
            card.Silo.Token,
            Cancellation
        );

        ((string)response["errors"]![0]!["message"]!).ShouldBe("'ids' may have at most 100 entries; got 101.");
    }

    private Task<JsonNode> Ask(string query, object variables) => card.Query(query, variables, Cancellation);
}
