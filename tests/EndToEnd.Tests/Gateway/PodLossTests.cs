using System.Net;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Pods go, by force or in order, while requests come.</summary>
public sealed class PodLossTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_that_may_be_seen_twice_fails_when_one_of_two_pods_is_killed()
    {
        var name = shared.NewName("pair");
        var key = await card.Deploy(name, "echo", new { pods = "2-2" });
        await Pods(name, 2);
        using var load = new SteadyRequests(
            () => card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=2", key, cancellationToken: Cancellation),
            clients: 4
        );
        await load.Reach(100);

        await Signals.Send("KILL", card.Silo.PodsOf(name)[0], Cancellation);

        await load.Reach(load.Count + 300);
        (await load.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
        await Pods(name, 2);
    }

    [Fact]
    public async Task A_request_that_comes_when_the_only_pod_has_died_waits_for_its_restart()
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
    public async Task Updates_under_load_fail_no_request_with_a_body_either()
    {
        var name = shared.NewName("rolling");
        var key = await card.Deploy(name, "echo", new { pods = "1-2" });
        await Pods(name, 1);
        using var load = new SteadyRequests(
            () => card.Send(HttpMethod.Post, $"/predict/{name}/count", key, new StringContent("body"), Cancellation),
            clients: 4
        );
        await load.Reach(50);

        for (var version = 2; version <= 3; version++)
        {
            await card.Query(
                "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { errors { message } } }",
                new { i = new { name, configuration = new { environment = new[] { new { name = "VERSION", value = $"{version}" } } } } },
                Cancellation
            );
            await Eventually.Get(
                () => card.DeploymentWith("READY", name, Cancellation),
                d => d["pods"]!.AsArray().All(p => (int)p!["revision"]! == version && (string)p["phase"]! == "READY"),
                Cancellation
            );
        }

        (await load.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_that_comes_while_the_last_pod_goes_is_never_lost()
    {
        var name = shared.NewName("napping");
        var key = await card.Deploy(name, "echo", new { idleTimeout = "PT1S" });
        for (var round = 0; round < 5; round++)
        {
            using (var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, new StringContent("body"), Cancellation))
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
            // The moment at which it is on its way out: the next request comes just then.
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
            () => card.DeploymentWith("READY", name, Cancellation),
            d => d["pods"]!.AsArray().Count(p => (string)p!["phase"]! == "READY") == count,
            Cancellation
        );
}
