using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Pods that are killed or stopped while requests arrive.</summary>
public sealed class PodLossTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idempotent_requests_survive_the_kill_of_one_of_two_pods()
    {
        var name = shared.NewName("pair");
        var key = await card.Deploy(name, "echo", new { pods = "2-2" });
        await Pods(name, 2);
        using var load = new SteadyRequests(
            () => card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=2", key, cancellationToken: Cancellation),
            clients: 4
        );
        await load.WaitForCount(100);

        await Signals.Send("KILL", card.Silo.PodsOf(name)[0], Cancellation);

        await load.WaitForCount(load.Count + 300);
        (await load.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
        await Pods(name, 2);
    }

    [Fact]
    public async Task Request_after_the_death_of_the_only_pod_waits_for_its_restart()
    {
        var name = shared.NewName("single");
        var key = await card.Deploy(name, "echo", new { pods = "1-1" });
        await Pods(name, 1);
        await Signals.Send("KILL", card.Silo.PodsOf(name).Single(), Cancellation);
        await Eventually.Get(
            async () =>
                (
                    await card.Query(
                        "query($n: String!) { deployment(name: $n) { pods { phase restarts } } }",
                        new { n = name },
                        Cancellation
                    )
                )["deployment"]!["pods"]![0]!,
            pod => (string)pod["phase"]! != "READY" || (int)pod["restarts"]! > 0,
            Cancellation
        );

        using var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, new StringContent("body"), Cancellation);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("4");
    }

    [Fact]
    public async Task Updates_under_load_fail_no_request_with_a_body()
    {
        var name = shared.NewName("rolling");
        var key = await card.Deploy(name, "echo", new { pods = "1-2" });
        await Pods(name, 1);
        using var load = new SteadyRequests(
            () => card.Send(HttpMethod.Post, $"/predict/{name}/count", key, new StringContent("body"), Cancellation),
            clients: 4
        );
        await load.WaitForCount(50);

        for (var version = 2; version <= 3; version++)
        {
            await card.Query(
                "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { errors { message } } }",
                new { i = new { name, configuration = new { environment = new[] { new { name = "VERSION", value = $"{version}" } } } } },
                Cancellation
            );
            await Eventually.Get(
                () => card.WaitForDeployment("READY", name, Cancellation),
                d => d["pods"]!.AsArray().All(p => (int)p!["revision"]! == version && (string)p["phase"]! == "READY"),
                Cancellation
            );
        }

        (await load.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Request_during_the_stop_of_the_last_pod_is_not_lost()
    {
        var name = shared.NewName("napping");
        var key = await card.Deploy(name, "echo", new { idleTimeout = "PT1S" });
        for (var round = 0; round < 5; round++)
        {
            using (var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, new StringContent("body"), Cancellation))
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
            // Wait for the moment when the pod is stopping, so that the next request arrives just then.
            await Eventually.Get(
                async () =>
                    (
                        await card.Query(
                            "query($n: String!) { deployment(name: $n) { status pods { phase } } }",
                            new { n = name },
                            Cancellation
                        )
                    )["deployment"]!,
                d => (string)d["status"]! == "IDLE" || d["pods"]!.AsArray().Any(p => (string)p!["phase"]! == "DRAINING"),
                Cancellation
            );
        }
    }

    private Task Pods(string name, int count) =>
        Eventually.Get(
            () => card.WaitForDeployment("READY", name, Cancellation),
            d => d["pods"]!.AsArray().Count(p => (string)p!["phase"]! == "READY") == count,
            Cancellation
        );
}
