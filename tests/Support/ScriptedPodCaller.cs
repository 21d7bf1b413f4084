using System.Collections.Concurrent;
using System.Text;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;

namespace DeployCard.Tests.Support;

/// <summary>
/// A double of the gateway's side of asynchronous calls: each attempt ends as the test says. The real one needs pods that listen; it has its
/// own tests.
/// </summary>
public sealed class ScriptedPodCaller : IPodCaller
{
    private readonly ConcurrentQueue<PodCall> calls = new();
    private readonly ConcurrentDictionary<string, Func<PodCall, Task<PodAnswer>>> scripts = new();

    /// <summary>All attempts so far, in the order in which they began.</summary>
    public IReadOnlyList<PodCall> Calls => [.. calls];

    public static PodAnswer Answer(int status = 200, string body = "ok") =>
        PodAnswer.Answered("pod", new(status, [new("Content-Type", "text/plain")], new(body.Length, Encoding.UTF8.GetBytes(body))));

    public IReadOnlyList<PodCall> CallsOf(string deployment) => [.. calls.Where(call => call.Deployment.Value == deployment)];

    /// <summary>Each attempt of this deployment ends so.</summary>
    public void Script(string deployment, Func<PodCall, Task<PodAnswer>> script) => scripts[deployment] = script;

    /// <summary>Attempts of this deployment end so, one after the other; the last one counts for all that follow.</summary>
    public void Answers(string deployment, params PodAnswer[] answers)
    {
        var next = -1;
        Script(deployment, _ => Task.FromResult(answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)]));
    }

    /// <summary>Attempts of this deployment go on until the test ends them by <see cref="PodCall.End"/>, or they are cancelled.</summary>
    public void Hang(string deployment) => Script(deployment, call => call.Ended.WaitAsync(call.Token));

    /// <summary>Attempts of this deployment go on until the test ends them, and do not heed a cancellation.</summary>
    public void HangDeaf(string deployment) => Script(deployment, call => call.Ended);

    public async Task<PodAnswer> Call(DeploymentName deployment, CallId id, CallRequest request, CallLimits limits, CancellationToken cancellationToken)
    {
        var call = new PodCall(deployment, id, request, cancellationToken);
        calls.Enqueue(call);
        return await (scripts.TryGetValue(deployment.Value, out var script) ? script(call) : Task.FromResult(Answer()));
    }
}

/// <summary>One attempt as the double got it.</summary>
public sealed record PodCall(DeploymentName Deployment, CallId Id, CallRequest Request, CancellationToken Token)
{
    private readonly TaskCompletionSource<PodAnswer> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<PodAnswer> Ended => end.Task;

    public void End(PodAnswer answer) => end.TrySetResult(answer);
}
