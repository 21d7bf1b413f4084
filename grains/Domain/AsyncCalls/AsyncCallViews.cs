using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>Creates the view of a stored call that the APIs show.</summary>
internal static class AsyncCallViews
{
    /// <summary>Returns the call as the APIs show it.</summary>
    /// <exception cref="FormatException">The stored id is not a call id.</exception>
    public static CallView ToView(this AsyncCallState state) =>
        new()
        {
            Id = CallId.TryParse(state.Id, out var id) ? id : throw new FormatException($"Stored id '{state.Id}' is not a call id."),
            Deployment = DeploymentName.Parse(state.Deployment),
            Status = state.Status,
            ErrorCode = state.ErrorCode,
            ErrorMessage = state.ErrorMessage,
            CreatedAt = state.CreatedAt,
            EndedAt = state.EndedAt,
            PurgeAt = state.HasEnded ? state.PurgeAt : null,
            NextAttemptAt = state.NextAttemptAt,
            Method = state.Request.Method,
            Path = state.Request.Path,
            Attempts = [.. state.Attempts],
            ResultStatusCode = state.Result?.StatusCode,
            Limits = state.Limits,
            RequestBytes = state.RequestBytes,
            SeriesStart = state.SeriesStart,
            Callback = state.Callback?.ToView(),
            TraceId = CallSpans.GetTraceId(state.Request.Headers),
        };
}
