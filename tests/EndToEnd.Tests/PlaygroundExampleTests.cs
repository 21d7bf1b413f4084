using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>
/// The examples of the playground, run one after the other against a deployment of the sample image. One of them watches all deployments
/// of the silo and would receive errors for those that other classes delete.
/// </summary>
[Collection<Isolated>]
public sealed class PlaygroundExampleTests(IsolatedSilo silo)
{
    private static readonly DirectoryInfo Folder = new(Path.Combine(BuildOutput.Solution, "graphql", "Playground", "examples"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_of_the_playground_runs()
    {
        await silo.Card.Deploy("iris", "iris");
        var examples = Folder
            .GetFiles("*.graphql")
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => File.ReadAllText(file.FullName))
            .ToList();
        var live = examples.Where(IsSubscription).ToList();
        await using var socket = await GraphQLSocket.Connect(silo.Card.Silo, Cancellation);
        foreach (var (text, id) in live.Select((text, i) => (text, $"{i}")))
            await socket.Subscribe(id, text, Cancellation);

        foreach (var text in examples.Where(text => !IsSubscription(text)))
            UserErrors(await silo.Card.Query(text, null, Cancellation)).ShouldBeEmpty(text);

        // The queries and mutations above caused requests and asynchronous calls, so that each subscription has data.
        for (var i = 0; i < live.Count; i++)
            await socket.WaitFor($"{i}", _ => true, Cancellation);
        live.ShouldNotBeEmpty();
    }

    [Fact]
    public void Page_lists_every_example()
    {
        var page = File.ReadAllText(Path.Combine(Folder.Parent!.FullName, "examples.js"));

        foreach (var file in Folder.GetFiles())
            page.ShouldContain($"'./examples/{file.Name}'");
    }

    private static bool IsSubscription(string text) => text.Contains("\nsubscription ", StringComparison.Ordinal);

    // A mutation returns the errors of the user in its payload.
    private static IEnumerable<JsonNode?> UserErrors(JsonNode data) =>
        data.AsObject().Select(field => field.Value).OfType<JsonObject>().SelectMany(payload => payload["errors"]?.AsArray() ?? []);
}
