using System.Globalization;

namespace DeployCard.Silo.Gateway;

/// <summary>What the gateway adds to answers of pods.</summary>
internal static class Answers
{
    public const string ColdStart = "X-DeployCard-Cold-Start";

    public const string Waited = "X-DeployCard-Waited-Ms";

    /// <summary>Tells a client that its request waited, and whether that was for a pod to start.</summary>
    public static void TellWait(HttpResponse response, Admission admission)
    {
        if (admission.Waited <= TimeSpan.Zero)
            return;
        if (admission.IsCold)
            response.Headers[ColdStart] = "true";
        response.Headers[Waited] = ((long)admission.Waited.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    }
}
