using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Pod whose packets are all lost, as after a power failure of its node.</summary>
public sealed class VanishedPodTests
{
    private const int User = 20_003;
    private const string PodAddress = "127.0.0.1";

    /// <summary>Far less than the first-byte and stream idle timeouts of at least a minute.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(25);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_at_a_vanished_pod_fail_soon_and_new_requests_wait_for_its_return()
    {
        Assert.SkipWhen(Network.UnavailableReason is not null, Network.UnavailableReason ?? "");
        await using var network = await Network.Create(Cancellation);
        await using var silo = await SiloProcess.Start(network.Launcher(User), Cancellation);
        using var card = new Card(silo);
        var key = await card.Deploy("far", "echo", new { pods = "1-1" });
        using var pieces = await Stream(card, key);
        using var reader = new StreamReader(await pieces.Content.ReadAsStreamAsync(Cancellation));
        (await reader.ReadLineAsync(Cancellation)).ShouldBe("piece 0");

        await network.DropSilently(User, PodAddress, Cancellation);
        var stream = reader.ReadLineAsync(Cancellation).AsTask();
        using (var response = await Count(card, key).WaitAsync(Soon, TimeProvider.System, Cancellation))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("POD_CONNECTION_FAILED");
        }

        await Should.ThrowAsync<HttpIOException>(stream.WaitAsync(Soon, TimeProvider.System, Cancellation));
        await Eventually.Get(
            () => Task.FromResult(silo.Output),
            output => output.Contains("is unreachable", StringComparison.Ordinal),
            Cancellation
        );
        var later = Count(card, key);
        await network.StopDropping(User, PodAddress, Cancellation);
        using (var response = await later.WaitAsync(Soon, TimeProvider.System, Cancellation))
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        (await silo.Interrupt(Cancellation)).ShouldBe(0, silo.Output);
    }

    /// <summary>Opens a stream whose first part has arrived. The pod sends the next part only on request.</summary>
    private static async Task<HttpResponseMessage> Stream(Card card, string key)
    {
        var opening = card.Send(HttpMethod.Get, "/predict/far/pieces?count=3", key, cancellationToken: Cancellation);
        using var tick = await card.Send(HttpMethod.Post, "/predict/far/tick", key, cancellationToken: Cancellation);
        tick.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await opening;
    }

    private static Task<HttpResponseMessage> Count(Card card, string key) =>
        card.Send(HttpMethod.Post, "/predict/far/count", key, new StringContent("body"), Cancellation);
}
