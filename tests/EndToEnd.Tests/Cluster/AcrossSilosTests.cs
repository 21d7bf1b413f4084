using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Cluster;

namespace DeployCard.EndToEnd.Tests.Cluster;

/// <summary>Three silos behave as one: what is done at one counts at all.</summary>
public sealed class AcrossSilosTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private static readonly TimeSpan RevokedWithin = TimeSpan.FromSeconds(1);
    private static int names;

    private readonly string name = $"across-{Interlocked.Increment(ref names)}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReadOnlyList<Card> Cards => shared.Cards;

    [Fact]
    public async Task A_deployment_that_one_silo_made_is_served_by_all_with_the_same_pods()
    {
        var key = await Cards[0].Deploy(name, "echo", new { pods = "0-2" });

        var pods = new List<string>();
        foreach (var card in Cards)
        {
            using var answer = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            var deployment = await card.DeploymentWith("READY", name, Cancellation);
            pods.Add((string)deployment["pods"]!.AsArray().ShouldHaveSingleItem()!["name"]!);
        }

        pods.Distinct().ShouldHaveSingleItem();
        shared.Cluster.Silos.Sum(silo => silo.PodsOf(name).Count).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_one_silo_accepted_is_waited_for_read_and_listed_at_the_others()
    {
        var key = await Cards[0].Deploy(name, "echo", new { pods = "1-1" });

        for (var i = 0; i < 6; i++)
        {
            var (accepting, reading, listing) = (Cards[i % 3], Cards[(i + 1) % 3], Cards[(i + 2) % 3]);
            var id = await accepting.Call($"/predict/{name}/answer/200?body=hello", key, new StringContent("x"), Cancellation);
            using var waited = await reading.Send(
                HttpMethod.Get,
                $"/calls/{id}",
                key,
                cancellationToken: Cancellation,
                headers: ("Prefer", "wait=30")
            );
            (await waited.Content.ReadAsStringAsync(Cancellation)).ShouldContain("\"COMPLETED\"");
            using var result = await listing.Send(HttpMethod.Get, $"/calls/{id}/result", key, cancellationToken: Cancellation);
            (await result.Content.ReadAsStringAsync(Cancellation)).ShouldBe("hello");
            var listed = await listing.Query(
                "query($n: String!) { deployment(name: $n) { asyncCalls(first: 50) { nodes { id status } } } }",
                new { n = name },
                Cancellation
            );
            listed["deployment"]!["asyncCalls"]!["nodes"]!.AsArray().ShouldContain(call => (string)call!["id"]! == id);
        }
    }

    [Fact]
    public async Task A_call_is_one_trace_whichever_silos_have_part_in_it()
    {
        var key = await Cards[0].Deploy(name, "echo", new { pods = "1-1" });
        var isElsewhere = false;

        for (var i = 0; !isElsewhere && i < 100; i++)
        {
            var (trace, caller) = (Guid.NewGuid().ToString("N"), "00f067aa0ba902b7");
            var id = await Cards[i % 3]
                .Call($"/predict/{name}/x", key, new StringContent("x"), Cancellation, ("traceparent", $"00-{trace}-{caller}-01"));

            ((string?)(await Cards[0].CallWith("COMPLETED", id, key, Cancellation))["traceId"]).ShouldBe(trace);
            var spans = await shared.Collector.Trace(trace, all => all.Count >= 3);
            var accepted = spans.Single(span => span.Name == $"predict {name}");
            accepted.Parent.ShouldBe(caller);
            spans
                .Where(span => span != accepted)
                .Select(span => (span.Name, span.Parent))
                .ShouldBe([("queue", accepted.Id), ("attempt", accepted.Id)], ignoreOrder: true);
            isElsewhere = spans.Single(span => span.Name == "attempt").Silo != accepted.Silo;
        }

        isElsewhere.ShouldBeTrue();
    }

    [Fact]
    public async Task A_subscription_at_one_silo_tells_what_others_did()
    {
        var key = await Cards[0].Deploy(name, "echo", new { pods = "0-1" });
        await using var socket = await GraphQLSocket.Connect(Cards[1].Silo, Cancellation);
        await socket.Subscribe("state", $"subscription {{ deploymentChanged(name: \"{name}\") {{ title status }} }}", Cancellation);
        await socket.Subscribe("calls", $"subscription {{ asyncCallChanged(deployment: \"{name}\") {{ id status }} }}", Cancellation);
        await socket.Until("state", data => (string?)data["deploymentChanged"]!["status"] == "IDLE", Cancellation);

        await Cards[2]
            .Query(
                "mutation($n: String!) { updateDeployment(input: {name: $n, title: \"Told\"}) { errors { message } } }",
                new { n = name },
                Cancellation
            );
        var id = await Cards[0].Call($"/predict/{name}/x", key, new StringContent("x"), Cancellation);

        await socket.Until("state", data => (string?)data["deploymentChanged"]!["title"] == "Told", Cancellation);
        await socket.Until("state", data => (string?)data["deploymentChanged"]!["status"] == "READY", Cancellation);
        await socket.Until(
            "calls",
            data => (string?)data["asyncCallChanged"]!["id"] == id && (string?)data["asyncCallChanged"]!["status"] == "COMPLETED",
            Cancellation
        );
    }

    [Fact]
    public async Task A_key_that_is_revoked_at_one_silo_is_refused_by_every_gateway_within_a_second()
    {
        await Cards[0].Deploy(name, "echo", new { pods = "1-1" });
        foreach (var revoking in Cards)
        {
            // It must hold each time; how long it takes also tells how much else this machine has to do.
            var took = await Revoke(revoking);
            for (var again = 0; again < 2 && took >= RevokedWithin; again++)
                took = await Revoke(revoking);
            took.ShouldBeLessThan(RevokedWithin);
        }
    }

    [Fact]
    public async Task A_new_administrator_token_counts_at_every_silo_a_moment_later()
    {
        // On silos of its own: the others go on with their token.
        await using var cluster = await SiloCluster.Start(Cancellation, count: 2);
        var old = cluster.Silos[0].Token;
        await cluster.Silos[0].Interrupt(Cancellation);
        await cluster.Silos[0].Run(Cancellation, "--new-admin-token");
        using var other = new Card(cluster.Silos[1]);

        cluster.Silos[0].Token.ShouldNotBe(old);
        await Eventually.Get(
            async () => (New: await Status(other, cluster.Silos[0].Token), Old: await Status(other, old)),
            seen => seen is (HttpStatusCode.OK, HttpStatusCode.Unauthorized),
            Cancellation
        );

        static async Task<HttpStatusCode> Status(Card card, string token) =>
            (await card.Ask("{ __typename }", null, token, Cancellation)).Status;
    }

    /// <summary>Has one silo revoke a key that all have seen used, and all refuse it. How long that took.</summary>
    private async Task<TimeSpan> Revoke(Card revoking)
    {
        var (id, secret) = await revoking.CreateKey(name, Cancellation);
        await Answer(HttpStatusCode.OK);
        var asked = TimeProvider.System.GetTimestamp();
        await revoking.Query("mutation($i: ID!) { revokeKey(id: $i) { errors { message } } }", new { i = id }, Cancellation);
        await Answer(HttpStatusCode.Unauthorized);
        return TimeProvider.System.GetElapsedTime(asked);

        async Task Answer(HttpStatusCode expected)
        {
            foreach (var card in Cards)
            {
                using var answer = await card.Send(HttpMethod.Get, $"/predict/{name}/x", secret, cancellationToken: Cancellation);
                answer.StatusCode.ShouldBe(expected);
            }
        }
    }
}
