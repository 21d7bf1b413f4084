using System.Net;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>From zero pods to one, and when that does not come about.</summary>
[Collection<Apart>]
public sealed class ColdStartTests(ApartSilo apart) : IAsyncDisposable
{
    private const int Crowd = 1000;

    private readonly Card card = new(apart.Card.Silo);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        // A pod that cannot start would be tried again beside the tests that follow.
        await card.DeleteDeployments();
        card.Dispose();
    }

    [Fact]
    public async Task A_thousand_first_requests_at_once_start_one_pod_and_all_are_answered()
    {
        var name = apart.NewName("crowd");
        var key = await card.Deploy(name, "echo", new { pods = "0-1", queueLength = Crowd });

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, Crowd)
                .Select(async n =>
                {
                    using var response = await card.Send(
                        HttpMethod.Post,
                        $"/predict/{name}/count",
                        key,
                        new StringContent(new('x', n)),
                        Cancellation
                    );
                    return (
                        response.StatusCode,
                        Body: await response.Content.ReadAsStringAsync(Cancellation),
                        Cold: response.Headers.Contains("X-DeployCard-Cold-Start")
                    );
                })
        );

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        answers.Select(answer => int.Parse(answer.Body)).ShouldBe(Enumerable.Range(0, Crowd));
        answers.Count(answer => answer.Cold).ShouldBeGreaterThan(0);
        (await card.DeploymentWith("READY", name, Cancellation))["pods"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Pods_that_cannot_start_refuse_who_waits_and_who_comes_with_their_last_line()
    {
        var name = apart.NewName("broken");
        var environment = new[] { new { name = "FAIL_AT_START", value = "CUDA out of memory" } };
        var key = await card.Deploy(name, "echo", new { environment, queueTimeout = "PT1H" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Refusal(name, key)));
        answers.ShouldAllBe(answer => answer.Code == "POD_FAILED" && answer.Text.Contains("CUDA out of memory"));

        // While it pauses before its next start, a newcomer is told at once and when to come again.
        await Eventually.Get(() => Refusal(name, key), answer => answer is { Code: "POD_FAILED", RetryAfter: > 0 }, Cancellation);
    }

    private async Task<(string Code, string Text, int RetryAfter)> Refusal(string name, string key)
    {
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        var code = await Card.Problem(response, HttpStatusCode.ServiceUnavailable, Cancellation);
        return (code, await response.Content.ReadAsStringAsync(Cancellation), (int)(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0));
    }
}
