using System.Collections.Concurrent;
using DeployCard.Grains.Callbacks;

namespace DeployCard.Tests.Support;

/// <summary>A double of the network's side of callbacks: each delivery ends as the test says. The real one has tests with real receivers.</summary>
public sealed class ScriptedCallbackSender : ICallbackSender
{
    private readonly ConcurrentQueue<SentCallback> sent = new();
    private readonly ConcurrentDictionary<string, Func<SentCallback, Task<CallbackAnswer>>> scripts = new();

    /// <summary>The deliveries to a host so far, in the order in which they began.</summary>
    public IReadOnlyList<SentCallback> To(string host) => [.. sent.Where(callback => callback.Message.Url.Host == host)];

    /// <summary>Each delivery to this host ends so.</summary>
    public void Script(string host, Func<SentCallback, Task<CallbackAnswer>> script) => scripts[host] = script;

    /// <summary>Deliveries to this host end so, one after the other; the last one counts for all that follow.</summary>
    public void Answers(string host, params CallbackAnswer[] answers)
    {
        var next = -1;
        Script(host, _ => Task.FromResult(answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)]));
    }

    /// <summary>Deliveries to this host go on until the test ends them by <see cref="SentCallback.End"/>, or they are cancelled.</summary>
    public void Hang(string host) => Script(host, callback => callback.Ended);

    public async Task<CallbackAnswer> Send(CallbackMessage message, CancellationToken cancellationToken)
    {
        var callback = new SentCallback(message);
        sent.Enqueue(callback);
        var answer = scripts.TryGetValue(message.Url.Host, out var script)
            ? script(callback)
            : Task.FromResult(CallbackAnswer.Answered(200));
        return await answer.WaitAsync(cancellationToken);
    }
}

/// <summary>One delivery as the double got it.</summary>
public sealed record SentCallback(CallbackMessage Message)
{
    private readonly TaskCompletionSource<CallbackAnswer> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CallbackAnswer> Ended => end.Task;

    public void End(CallbackAnswer answer) => end.TrySetResult(answer);
}
