using System.ComponentModel.DataAnnotations;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Settings of asynchronous calls (section <c>AsyncCalls</c>).</summary>
public sealed class AsyncCallOptions
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "AsyncCalls";

    /// <summary>Maximum number of attempts of a call before it ends in an error.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>
    /// Backoff after the first failed attempt. Each further backoff is four times as long, up to <see cref="MaxBackoff"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum backoff between two attempts, before jitter of up to 25 % is added.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum backoff that a pod may request with <c>Retry-After</c>. A longer backoff is reduced to this maximum.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Maximum size of a request body in bytes. A call with a larger one is rejected.</summary>
    [Range(1024, 1L << 30)]
    public long MaxRequestBytes { get; set; } = 64 << 20;

    /// <summary>Maximum size of a response body in bytes. A larger response ends the call in an error.</summary>
    [Range(1024, 1L << 30)]
    public long MaxResultBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Number of calls that run concurrently per pod of a deployment whose configuration does not limit the concurrency.
    /// </summary>
    [Range(1, 1_000)]
    public int DefaultConcurrencyPerPod { get; set; } = 16;

    /// <summary>Maximum number of concurrent calls of one deployment, regardless of its number of pods.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrency { get; set; } = 1_000;
}
