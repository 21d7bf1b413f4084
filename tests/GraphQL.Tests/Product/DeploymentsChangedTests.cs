using System.Text.Json;
using DeployCard.Contracts.Deployments;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Product;

[Collection(SiloCollection.Name)]
public sealed class DeploymentsChangedTests : IAsyncLifetime
{
    private readonly TestSilos silos = new() { SiloCount = 3 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await silos.Start();

    public ValueTask DisposeAsync() => silos.DisposeAsync();

    [Fact]
    public async Task Subscription_starts_with_a_snapshot_and_then_sends_each_change_with_pods()
    {
        await Create("digits");
        await Create("iris");
        await using var frontend = await ProductFrontend.Start(silos.Cluster.Silos[0].ServiceProvider);
        await using var socket = await frontend.ConnectAndInitialize();

        await socket.Subscribe("1", Subscription(""));
        var first = await Next(socket);
        await Create("titanic");
        (await silos.Deployment("iris").Update(new("Flowers", null, new() { Pods = "1-1" }, null), "anna", Token)).Errors.ShouldBeEmpty();

        first.GetProperty("isSnapshot").GetBoolean().ShouldBeTrue();
        Names(first).ShouldBe(["digits", "iris"]);
        var latest = new Dictionary<string, JsonElement>();
        while (
            !(latest.ContainsKey("titanic") && latest.TryGetValue("iris", out var iris) && iris.GetProperty("pods").GetArrayLength() == 1)
        )
        {
            var changes = await Next(socket);
            changes.GetProperty("isSnapshot").GetBoolean().ShouldBeFalse();
            foreach (var deployment in changes.GetProperty("deployments").EnumerateArray())
                latest[deployment.GetProperty("name").GetString()!] = deployment;
        }

        latest["iris"].GetProperty("title").GetString().ShouldBe("Flowers");
        latest.ShouldNotContainKey("digits");
    }

    [Fact]
    public async Task Filtered_subscription_sends_matching_deployments_including_deleted_ones()
    {
        await Create("digits");
        await Create("iris");
        await using var frontend = await ProductFrontend.Start(silos.Cluster.Silos[0].ServiceProvider);
        await using var socket = await frontend.ConnectAndInitialize();

        await socket.Subscribe("1", Subscription("(first: 1, filter: {names: [\"iris\", \"titanic\"]})"));
        Names(await Next(socket)).ShouldBe(["iris"]);
        await silos.Deployment("digits").Update(new("Numbers", null, null, null), "anna", Token);
        (await silos.Deployment("iris").Delete("anna", Token)).Errors.ShouldBeEmpty();

        var changes = await Next(socket);
        while (changes.GetProperty("deployments")[0].GetProperty("status").GetString() != "DELETED")
        {
            Names(changes).ShouldBe(["iris"]);
            changes = await Next(socket);
        }
    }

    [Fact]
    public async Task Subscription_sends_a_new_snapshot_when_its_silo_is_killed()
    {
        await Create("iris");
        var fleet = silos.Grains.GetGrain<IFleetGrain>(0);
        await fleet.OnDeploymentChanged(
            await silos.Deployment("iris").Get() ?? throw new InvalidOperationException("The deployment must exist.")
        );
        await silos.Until(async () => await silos.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(fleet) is not null);
        var home = await silos.FindSilo(fleet);
        await using var frontend = await ProductFrontend.Start((await silos.ServicesOfOtherSilo(fleet)));
        await using var socket = await frontend.ConnectAndInitialize();
        await socket.Subscribe("1", Subscription(""));
        Names(await Next(socket)).ShouldBe(["iris"]);

        await silos.Cluster.KillSiloAsync(home, Token);

        var changes = await Next(socket);
        while (!changes.GetProperty("isSnapshot").GetBoolean())
            changes = await Next(socket);
        Names(changes).ShouldBe(["iris"]);
    }

    private static string Subscription(string arguments) =>
        $"subscription {{ deploymentsChanged{arguments} {{ isSnapshot hasMore "
        + "deployments { name title status pods { name phase } } } }";

    private async Task Create(string name) =>
        (
            await silos.Deployment(name).Create(new(null, ScriptedImageCatalog.Plain, new() { Pods = "0-1" }), "anna", Token)
        ).Errors.ShouldBeEmpty();

    private static async Task<JsonElement> Next(TestSocket socket)
    {
        var message = await socket.Receive();
        message.Type.ShouldBe("next", message.Root.ToString());
        return message.Payload.GetProperty("data").GetProperty("deploymentsChanged");
    }

    private static IEnumerable<string?> Names(JsonElement changes) =>
        changes.GetProperty("deployments").EnumerateArray().Select(d => d.GetProperty("name").GetString());
}
