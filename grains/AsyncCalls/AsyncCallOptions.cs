using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>What holds for every asynchronous call (section <c>AsyncCalls</c>).</summary>
public sealed class AsyncCallOptions
{
    /// <summary>How often a call is tried: 1 to 20, default 5.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>The pause after the first attempt; each further one is four times as long: 10 ms to 1 hour, default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause: 10 ms to 1 day, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest pause that a pod may ask for by <c>Retry-After</c>: 0 to 1 day, default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest body of a request in bytes: 1 KiB to 1 GiB, default 64 MiB.</summary>
    [Range(1024, 1 << 30)]
    public long MaxRequestBytes { get; set; } = 64 << 20;

    /// <summary>The longest body of an answer in bytes: 1 KiB to 1 GiB, default 64 MiB.</summary>
    [Range(1024, 1 << 30)]
    public long MaxResultBytes { get; set; } = 64 << 20;

    /// <summary>How many calls of one deployment run at once for each of its pods where its concurrency has no bound: 1 to 1,000, default 16.</summary>
    [Range(1, 1_000)]
    public int DefaultConcurrencyPerPod { get; set; } = 16;

    /// <summary>How many calls of one deployment run at once whatever its pods: 1 to 10,000, default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrency { get; set; } = 1_000;
}
