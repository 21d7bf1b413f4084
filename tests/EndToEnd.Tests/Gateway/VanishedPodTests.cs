using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Cluster;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>A pod to which no packet gets any more, and from which none comes, as when its node loses power.</summary>
public sealed class VanishedPodTests
{
    private const int User = 20_003;
    private const string PodAddress = "127.0.0.1";

    /// <summary>Far below the minute that the first byte of an answer may take, and the silence of a stream.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(25);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_waits_for_it_is_told_soon_and_who_comes_waits_until_it_is_back()
    {
        Assert.SkipWhen(Network.Missing is not null, Network.Missing ?? "");
        await using var network = await Network.Create(Cancellation);
        await using var silo = await SiloProcess.Start(network.Launcher(User), Cancellation);
        using var card = new Card(silo);
        var key = await card.Deploy("far", "echo", new { pods = "1-1" });
        using var pieces = await Stream(card, key);
        using var reader = new StreamReader(await pieces.Content.ReadAsStreamAsync(Cancellation));
        (await reader.ReadLineAsync(Cancellation)).ShouldBe("piece 0");

        await network.Swallow(User, PodAddress, Cancellation);
        var stream = reader.ReadLineAsync(Cancellation).AsTask();
        using (var answer = await Count(card, key).WaitAsync(Soon, TimeProvider.System, Cancellation))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldContain("POD_CONNECTION_FAILED");
        }

        await Should.ThrowAsync<HttpIOException>(stream.WaitAsync(Soon, TimeProvider.System, Cancellation));
        await Eventually.Get(
            () => Task.FromResult(silo.Output),
            output => output.Contains("cannot be reached", StringComparison.Ordinal),
            Cancellation
        );
        var later = Count(card, key);
        await network.Restore(User, PodAddress, Cancellation);
        using (var answer = await later.WaitAsync(Soon, TimeProvider.System, Cancellation))
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancellation));
        (await silo.Interrupt(Cancellation)).ShouldBe(0, silo.Output);
    }

    /// <summary>A stream of which the first piece has come; the pod sends no other one before it is told to.</summary>
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
