using System.Text.Json.Nodes;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>Results of a run: every call of the deployment in its final state.</summary>
internal sealed class CrashFindings(CrashRun run, IReadOnlyList<EndedCall> calls, TimeSpan drained)
{
    public IReadOnlyList<EndedCall> Calls => calls;

    public static async Task<CrashFindings> Collect(CrashRun run, TimeSpan drained)
    {
        var calls = new List<EndedCall>();
        foreach (var (id, path) in await CallList.Read(run))
        {
            // The list also contains calls whose 202 response was lost.
            var call = await Eventually.Get(() => run.GetCall(id), call => FinalCallState.From(call) is not null, run.Cancellation);
            run.Watcher.Compare(id, call);
            var (token, fails) = WorkCall.Parse(path);
            calls.Add(new(id, token, fails, call, await run.ReadResult(id), run.Pods.CountOf(token)));
        }

        return new(run, calls, drained);
    }

    public CrashRow Row(string what, int rounds) =>
        new(
            what,
            rounds,
            run.Seed,
            Accepted: calls.Count,
            WithoutResponse: calls.Count(call => !run.Register.Accepted.ContainsKey(call.Token)),
            Completed: calls.Count(call => call.IsCompleted),
            Errors: calls.Count(call => !call.IsCompleted),
            Lost: Lost().Count,
            Extra: calls.Sum(call => call.Extra),
            Reached: calls.Sum(call => call.Reached),
            Drained: drained.TotalSeconds,
            Seconds: run.Elapsed.TotalSeconds
        );

    /// <summary>Asserts the guarantees that hold whatever failed during the run.</summary>
    public void ShouldHold()
    {
        run.Register.Contradictions.ShouldBeEmpty();
        Lost().ShouldBeEmpty();
        calls.GroupBy(call => call.Token).Where(same => same.Count() > 1).ShouldBeEmpty("calls that were stored twice");
        calls
            .Select(call => call.Token)
            .Except(run.Register.Accepted.Keys)
            .Except(run.Register.WithoutResponse)
            .ShouldBeEmpty("calls that were stored although they were rejected");
        foreach (var call in calls)
            call.ShouldHold();
    }

    private List<string> Lost() =>
        [
            .. run
                .Register.Accepted.Where(accepted => !calls.Any(call => call.Id == accepted.Value && call.Token == accepted.Key))
                .Select(accepted => accepted.Value),
        ];
}

/// <summary>A call that has ended.</summary>
/// <param name="Id">Id of the call.</param>
/// <param name="Token">Token of the call.</param>
/// <param name="Fails">Number of 503 responses that the call requested from the pod.</param>
/// <param name="Call">Response to <c>GET /calls/{id}</c>.</param>
/// <param name="Result">Text of the call's result; null if there is no result.</param>
/// <param name="Reached">Number of times the request reached a pod, as recorded by the pods.</param>
internal sealed record EndedCall(string Id, string Token, int Fails, JsonNode Call, string? Result, int Reached)
{
    private const int MaxAttempts = 5;

    public bool IsCompleted => (string)Call["status"]! == "COMPLETED";

    /// <summary>
    /// Number of additional attempts: the call needs one attempt, and one for each failure that was requested from the pod.
    /// </summary>
    public int Extra => Attempts.Count - 1 - Attempts.Count(attempt => (int?)attempt!["statusCode"] == 503);

    public JsonArray Attempts => Call["attempts"]!.AsArray();

    public void ShouldHold()
    {
        var details = $"reached pods {Reached} times: {Call.ToJsonString()}";
        var counted = Attempts.Where(attempt => (bool)attempt!["isCounted"]!).ToList();
        counted.Count.ShouldBeLessThanOrEqualTo(MaxAttempts, details);
        Reached.ShouldBeLessThanOrEqualTo(Attempts.Count, details);
        Attempts.ShouldAllBe(attempt => attempt!["endedAt"] != null, details);
        if (IsCompleted)
        {
            Result.ShouldBe(Token, details);
            Reached.ShouldBeGreaterThan(Fails, details);
            return;
        }

        // A call may fail only after the maximum number of attempts.
        counted.Count.ShouldBe(MaxAttempts, details);
        counted.ShouldAllBe(attempt => attempt!["errorCode"] != null, details);
    }
}
