using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Everything that has an id is found again by it (Relay, Global Object Identification).</summary>
public sealed class NodeTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_a_key_a_webhook_secret_and_a_call_are_found_by_their_ids()
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
                "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Deployment { name } ... on Key { prefix } ... on AsyncCall { deployment } } }",
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
    [InlineData("RGVwbG95bWVudDpub2JvZHk=")] // Deployment:nobody
    [InlineData("V2ViaG9va1NlY3JldDpub2JvZHkveA==")] // WebhookSecret:nobody/x
    [InlineData("S2V5OjA=")] // Key:0
    [InlineData("00000000000000000000000000000000")]
    public async Task What_is_not_there_is_null(string id) =>
        (await Ask("query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", new { id }))
            .ToJsonString()
            .ShouldBe("""{"node":null,"nodes":[null]}""");

    [Fact]
    public async Task More_than_a_hundred_at_once_are_refused()
    {
        var answer = await card.Ask(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            new { ids = Enumerable.Range(0, 101).Select(n => $"{n}") },
            card.Silo.Token,
            Cancellation
        );

        ((string)answer.Answer["errors"]![0]!["message"]!).ShouldBe("'ids' may have at most 100 entries; 101 were given.");
    }

    private Task<JsonNode> Ask(string query, object variables) => card.Query(query, variables, Cancellation);
}
