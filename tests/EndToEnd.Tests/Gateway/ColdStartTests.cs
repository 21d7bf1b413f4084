using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Cold starts: scaling from zero pods to one, and failures to start.</summary>
[Collection<Isolated>]
public sealed class ColdStartTests(IsolatedSilo apart) : IAsyncDisposable
{
    private const int RequestCount = 1000;

    private readonly Card card = new(apart.Card.Silo);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        // Otherwise, retries of a pod that cannot start would run during the following tests.
        await card.DeleteDeployments();
        card.Dispose();
    }

    [Fact]
    public async Task Thousand_concurrent_first_requests_start_one_pod_and_all_succeed()
    {
        var name = apart.NewName("crowd");
        var key = await card.Deploy(name, "echo", new { pods = "0-1", queueLength = RequestCount });

        var responses = await Task.WhenAll(
            Enumerable
                .Range(0, RequestCount)
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

        responses.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        responses.Select(answer => int.Parse(answer.Body)).ShouldBe(Enumerable.Range(0, RequestCount));
        responses.Count(answer => answer.Cold).ShouldBeGreaterThan(0);
        (await card.WaitForDeployment("READY", name, Cancellation))["pods"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Failed_pod_start_rejects_waiting_and_new_requests_with_the_last_log_line()
    {
        var name = apart.NewName("broken");
        var environment = new[] { new { name = "FAIL_AT_START", value = "CUDA out of memory" } };
        var key = await card.Deploy(name, "echo", new { environment, queueTimeout = "PT1H" });

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Rejection(name, key)));
        responses.ShouldAllBe(answer => answer.Code == "POD_FAILED" && answer.Text.Contains("CUDA out of memory"));

        // During the backoff before the next start, a new request is rejected immediately with a retry delay.
        await Eventually.Get(() => Rejection(name, key), answer => answer is { Code: "POD_FAILED", RetryAfter: > 0 }, Cancellation);
    }

    private async Task<(string Code, string Text, int RetryAfter)> Rejection(string name, string key)
    {
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        var code = await Card.ReadProblem(response, HttpStatusCode.ServiceUnavailable, Cancellation);
        return (code, await response.Content.ReadAsStringAsync(Cancellation), (int)(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0));
    }
}
