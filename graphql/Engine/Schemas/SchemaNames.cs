using System.Reflection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>
/// Determines the schema names of types, members and parameters. The library converts the first letter of field names to lower case.
/// </summary>
internal static class SchemaNames
{
    private const string Async = nameof(Async);
    private const string Input = nameof(Input);

    public static string GetName(Type type, string defaultName) =>
        FindAnnotatedName(type) ?? AssemblyAnnotations.FindName(type) ?? (IsInterface(type) ? type.Name[1..] : defaultName);

    /// <summary>Returns the name of an input type, which ends in <c>Input</c>, because the output type may have the same C# type.</summary>
    public static string GetInputName(Type type, string defaultName) =>
        GetName(type, defaultName) is var name && name.EndsWith(Input, StringComparison.Ordinal) ? name : name + Input;

    public static string GetName(ParameterInfo parameter, string defaultName) => FindAnnotatedName(parameter) ?? defaultName;

    public static string GetName(MemberInfo member, string defaultName) =>
        FindAnnotatedName(member) ?? (HasAsyncSuffix(member, defaultName) ? defaultName[..^Async.Length] : defaultName);

    private static string? FindAnnotatedName(ICustomAttributeProvider annotated) =>
        annotated.GetCustomAttributes(typeof(GraphQLNameAttribute), inherit: false).Cast<GraphQLNameAttribute>().FirstOrDefault()?.Name;

    private static bool IsInterface(Type type) => type is { IsInterface: true, IsGenericType: false, Name: ['I', >= 'A' and <= 'Z', ..] };

    // The library removes the suffix only from methods that return Task, not ValueTask.
    private static bool HasAsyncSuffix(MemberInfo member, string name) =>
        member is MethodInfo && name == member.Name && name.EndsWith(Async, StringComparison.Ordinal);
}
