namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Paths of the build output, for the configuration in which these tests were built.</summary>
internal static class BuildOutput
{
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    public static string Solution { get; } = FindSolution();

    public static string Silo => Path.Combine(OutputOf("silo"), "DeployCard.Silo.dll");

    public static string Echo => OutputOf("tests/Echo");

    public static string GrpcEcho => OutputOf("tests/GrpcEcho");

    private static string OutputOf(string project) => Path.Combine(Solution, project, "bin", Output.Parent!.Name, Output.Name);

    private static string FindSolution()
    {
        var folder = Output;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Orleans.sln.");
    }
}
