using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>An interface type of the schema for a C# interface or abstract class marked with <c>[InterfaceType]</c>.</summary>
internal sealed class InterfaceOutputType<T> : AutoRegisteringInterfaceGraphType<T>;
