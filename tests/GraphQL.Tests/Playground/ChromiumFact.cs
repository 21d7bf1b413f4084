using System.Runtime.CompilerServices;

namespace DeployCard.GraphQL.Tests.Playground;

/// <summary>A test in a real browser: the one named by the variable CHROMIUM, else Debian's.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        if (!File.Exists(Path))
            Skip = $"There is no Chromium at {Path}: install it, or set CHROMIUM to where it is.";
    }

    public static string Path => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given ? given : "/usr/bin/chromium";
}
